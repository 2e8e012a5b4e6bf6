// Plays the console in a real browser, against the running program. `.ci/console` runs it.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { calls, launch, lowContrast, open, show, tabTo } from "./browser.mjs";
import { Program } from "./program.mjs";

const VIEWS = ["requests", "vaults", "jobs", "faults", "access", "usage"];
const FROZEN = ["--clock", "2026-01-31T00:00:00Z", "--jobs", "4h"];
const photos = ["--vault-name", "photos"];
const inventory = ["initiate-job", ...photos, "--job-parameters", '{"Type": "inventory-retrieval"}'];

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** A test with a program and a page of it. The page must have no problems, except those that are expected. */
function play(name, { flags = FROZEN, options = {}, expected = [] }, script) {
  test(name, async () => {
    const program = await Program.start(...flags);
    try {
      const page = await open(browser, program, options);
      await script(page, program);
      const problems = page.problems.filter((problem) => !expected.some((text) => problem.includes(text)));
      assert.deepEqual(problems, []);
      await page.close();
    } finally {
      await program.close();
    }
  });
}

play("the tutorial appears while the AWS CLI plays it", {}, async (page, program) => {
  await page.locator("#requests-empty").waitFor();
  await program.aws("create-vault", ...photos);
  await calls(page, "CreateVault").filter({ hasText: "201" }).waitFor();
  await page.locator("#announcer", { hasText: "New request: CreateVault, photos, 201" }).waitFor({ state: "attached" });
  await program.aws("upload-archive", ...photos, "--body", "cat.jpg", "--archive-description", "a cat");
  await calls(page, "UploadArchive").filter({ hasText: "201" }).waitFor();

  const vault = page.locator('[data-vault="photos"]');
  await vault.filter({ hasText: "1 archive, 4 bytes" }).waitFor();
  await vault.locator("summary").first().click();
  await vault.locator("td", { hasText: "a cat" }).waitFor();

  // The body of the upload, on demand.
  const upload = calls(page, "UploadArchive");
  await upload.locator("> summary").click();
  await upload.getByText("Body, 4 bytes").click();
  await upload.locator("pre", { hasText: "meow" }).waitFor();
  await upload.getByText("Headers").click();
  await upload.locator("tr", { hasText: "x-amz-archive-description" }).filter({ hasText: "a cat" }).waitFor();

  // A job is failed by a click.
  const failing = (await program.aws(...inventory)).jobId;
  await show(page, "jobs");
  const card = (id) => page.locator(`[data-job="${id}"]`);
  await card(failing).filter({ hasText: "In progress" }).getByRole("button", { name: "Fail" }).click();
  await page.getByLabel("Status message").fill("The tape is damaged.");
  await page.getByRole("button", { name: "Fail the job" }).click();
  await card(failing).filter({ hasText: "Failed" }).filter({ hasText: "The tape is damaged." }).waitFor();
  const failed = await program.aws("describe-job", ...photos, `--job-id=${failing}`);
  assert.deepEqual([failed.StatusCode, failed.StatusMessage], ["Failed", "The tape is damaged."]);

  // The clock is advanced, and the other job completes on the way.
  const completing = (await program.aws(...inventory)).jobId;
  await card(completing).filter({ hasText: "In progress" }).waitFor();
  await page.getByLabel("Advance by").fill("5h");
  await page.getByRole("button", { name: "Advance", exact: true }).click();
  await page.locator("#happened-title", { hasText: "The clock is at 2026-01-31 05:00:00" }).waitFor();
  const event = page.locator("#happened-list li", { hasText: completing });
  assert.match(await event.innerText(), /01-31 04:00:00.*\s*Job completed\s*Succeeded\s*photos/);
  await card(completing).filter({ hasText: "Succeeded" }).waitFor();
  assert.equal((await program.aws("describe-job", ...photos, `--job-id=${completing}`)).StatusCode, "Succeeded");
  assert.equal(await page.locator("#now").innerText(), "2026-01-31 05:00:00");

  await show(page, "usage");
  const leftover = page.locator("#leftovers-list li", { hasText: "Output not downloaded" });
  await leftover.filter({ hasText: completing }).filter({ hasText: "2026-01-31 04:00:00" }).waitFor();
  await page.locator("#usage-table tr", { hasText: "Upload requests" }).filter({ hasText: "1" }).waitFor();
});

play("jobs are completed, held and expired, and the clock moves to the next event", {}, async (page, program) => {
  await program.aws("create-vault", ...photos);
  const [first, second, third] = [
    (await program.aws(...inventory)).jobId,
    (await program.aws(...inventory)).jobId,
    (await program.aws(...inventory)).jobId,
  ];
  await show(page, "jobs");
  const card = (id, text) => page.locator(`[data-job="${id}"]`, { hasText: text });
  await card(first, "In progress").getByRole("button", { name: "Complete" }).click();
  await card(first, "Succeeded").getByRole("button", { name: "Expire" }).click();
  await card(first, "").waitFor({ state: "detached" });
  await card(second, "In progress").getByRole("button", { name: "Hold" }).click();
  await page.getByRole("button", { name: "Next event" }).click();
  await card(third, "Succeeded").waitFor();
  await card(second, "In progress").waitFor();
  assert.equal(await page.locator("#now").innerText(), "2026-01-31 04:00:00");
  const { jobs } = await program.api("GET", "/jobs");
  assert.deepEqual(
    jobs.map(({ job }) => [job.JobId, job.StatusCode]),
    [
      [second, "InProgress"],
      [third, "Succeeded"],
    ],
  );
});

play(
  "a fault is set, fires at the next call of the AWS CLI, and is removed",
  { options: { view: "faults" } },
  async (page, program) => {
    await page.getByRole("button", { name: "Set a fault" }).click();
    await page.locator("#fault-operation").selectOption("CreateVault");
    await page.getByLabel("Effect").selectOption("error");
    await page.getByLabel("Error").selectOption("ServiceUnavailableException");
    await page.getByText("Conditions").click();
    await page.locator("#fault-dialog").getByLabel("Vault").fill("photos");
    await page.getByRole("button", { name: "Set the fault" }).click();
    const fault = page.locator("[data-fault]");
    await fault
      .filter({ hasText: "CreateVault" })
      .filter({ hasText: "fired 0 of 1" })
      .filter({ hasText: "vault photos" })
      .waitFor();

    await program.aws("create-vault", "--vault-name", "other");
    await calls(page, "other").filter({ hasText: "201" }).waitFor();
    // The CLI tries again after the fault. Its two attempts are one call.
    await program.aws("create-vault", ...photos);
    const call = calls(page, "photos");
    await call.filter({ hasText: "2 attempts" }).filter({ hasText: "201" }).waitFor();
    await call.locator("> summary").click();
    const attempts = call.locator(".attempt");
    await attempts.nth(0).filter({ hasText: "Attempt 1" }).filter({ hasText: "ServiceUnavailableException" }).waitFor();
    await attempts.nth(1).filter({ hasText: "Attempt 2" }).filter({ hasText: "201" }).waitFor();
    await fault.filter({ hasText: "fired 1 of 1" }).filter({ hasText: "used up" }).waitFor();

    await fault.getByRole("button", { name: "Remove" }).click();
    await page.locator("#faults-empty").waitFor();
    assert.deepEqual((await program.api("GET", "/faults")).faults, []);
  },
);

play("an answer about a request in flight that arrives after its end changes nothing", {}, async (page, program) => {
  await program.api("POST", "/faults", { operation: "CreateVault", effect: { delayed: "1h" } });
  let markAsked, release;
  const asked = new Promise((resolve) => (markAsked = resolve));
  const released = new Promise((resolve) => (release = resolve));
  await page.route(/\/requests\?after=/, async (route) => {
    const response = await route.fetch();
    if ((await response.text()).includes("in_flight")) {
      markAsked();
      await released;
    }
    await route.fulfill({ response });
  });
  const created = program.aws("create-vault", ...photos);
  await asked;
  await program.api("POST", "/clock/advance", { by: "1h" });
  await created;
  const call = calls(page, "CreateVault");
  await call.filter({ hasText: "201" }).waitFor();
  release();
  // The console sends its next request after it has read the answer, and has drawn the list before the one after that.
  const asksAgain = () => page.waitForRequest(/\/requests\?limit=1$/);
  await asksAgain();
  await asksAgain();
  assert.match(await call.innerText(), /201/);
});

play("every effect can be set, and is described", { options: { view: "faults" } }, async (page, program) => {
  const effects = await page
    .locator("#fault-effect option")
    .evaluateAll((options) => options.map(({ value, text }) => [value, text]));
  assert.ok(effects.length > 15);
  for (const [at, [name, text]] of effects.entries()) {
    await page.getByRole("button", { name: "Set a fault" }).click();
    await page.getByLabel("Effect").selectOption(name);
    await page.getByRole("button", { name: "Set the fault" }).click();
    await page.locator("[data-fault]").nth(at).filter({ hasText: text }).waitFor();
  }
  const { faults } = await program.api("GET", "/faults");
  const set = faults.map(({ effect }) => (typeof effect === "string" ? effect : Object.keys(effect)[0]));
  assert.deepEqual(
    set,
    effects.map(([name]) => name),
  );
});

play(
  "every condition of a fault can be set, and is described",
  { options: { view: "faults" } },
  async (page, program) => {
    await page.getByRole("button", { name: "Set a fault" }).click();
    const form = page.locator("#fault-dialog");
    await form.getByText("Conditions").click();
    const given = {
      Vault: "v",
      "Archive ID": "a",
      "Job ID": "j",
      "Upload ID": "u",
      Account: "111122223333",
      Region: "eu-west-1",
      Principal: "arn:aws:iam::111122223333:user/anna",
      Header: "x-test: a: b",
      Range: "5-",
      "Only call number": "2",
      "Only attempt number": "3",
      "Not before": "2026-01-31T00:00:00Z",
      Until: "2026-02-01T00:00:00Z",
      "Wait first": "2s",
    };
    for (const [label, value] of Object.entries(given)) await form.getByLabel(label, { exact: true }).fill(value);
    await form.getByLabel("After operation").selectOption("CreateVault");
    await page.getByRole("button", { name: "Set the fault" }).click();
    await page.locator("[data-fault]", { hasText: "header x-test: a: b · range 5-" }).waitFor();
    const {
      faults: [{ match, nth_call, nth_attempt, after, since, before, delay }],
    } = await program.api("GET", "/faults");
    assert.deepEqual(match, {
      vault: "v",
      archive: "a",
      job: "j",
      upload: "u",
      account: "111122223333",
      region: "eu-west-1",
      principal: "arn:aws:iam::111122223333:user/anna",
      header: { "x-test": "a: b" },
      range: [5, null],
    });
    assert.deepEqual([nth_call, nth_attempt, after, delay], [2, 3, "CreateVault", "2s"]);
    assert.deepEqual([since, before], ["2026-01-31T00:00:00.000Z", "2026-02-01T00:00:00.000Z"]);
  },
);

play(
  "a form shows the error of the control API and keeps what was typed",
  { options: { view: "faults" }, expected: ["400 (Bad Request)"] },
  async (page, program) => {
    await page.getByRole("button", { name: "Set a fault" }).click();
    await page.getByLabel("Effect").selectOption("delayed");
    await page.getByLabel("Delay", { exact: true }).fill("soon");
    await page.getByRole("button", { name: "Set the fault" }).click();
    await page.locator("#fault-form .form-error", { hasText: '"soon" is not a duration' }).waitFor();
    assert.equal(await page.getByLabel("Delay", { exact: true }).inputValue(), "soon");
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByLabel("Advance by").fill("backwards");
    await page.getByRole("button", { name: "Advance", exact: true }).click();
    await page.locator("#notice", { hasText: '"backwards" is not a duration' }).waitFor();
    assert.deepEqual((await program.api("GET", "/faults")).faults, []);
  },
);

// A name of a vault and a tag cannot contain a bracket: Glacier refuses them.
play("texts with HTML are shown as text", { options: { view: "vaults" } }, async (page, program) => {
  const html = '<img src=x onerror="alert(1)">';
  await program.aws("create-vault", ...photos);
  await program.aws("upload-archive", ...photos, "--body", "cat.jpg", "--archive-description", html);
  const parameters = JSON.stringify({ Type: "inventory-retrieval", Description: html });
  const { jobId } = await program.aws("initiate-job", ...photos, "--job-parameters", parameters);
  await program.api("POST", `/jobs/${jobId}/fail`, { message: `<b>${html}</b>` });
  await program.api("POST", "/faults", {
    match: { vault: html, header: { x: html } },
    effect: { answer: { status: 500, body: html } },
  });
  await program.glacier("GET", `/-/<img>/${encodeURIComponent(html)}?<img>`);
  const vault = page.locator('[data-vault="photos"]');
  await vault.filter({ hasText: "1 archive" }).locator("summary").first().click();
  await vault.locator("td", { hasText: html }).waitFor();
  const upload = calls(page, "UploadArchive");
  await upload.locator("> summary").click();
  await upload.getByText("Headers").click();
  await upload.locator("td", { hasText: html }).waitFor();
  await calls(page, "GET /-/")
    .filter({ hasText: encodeURIComponent(html) })
    .waitFor();
  await show(page, "jobs");
  await page.locator("[data-job]", { hasText: `<b>${html}</b>` }).waitFor();
  await show(page, "faults");
  await page.locator("[data-fault]", { hasText: `vault ${html} · header x: ${html}` }).waitFor();
  assert.equal(await page.locator("main img, main b").count(), 0);
});

play("a refusal is explained, on the record and in advance", {}, async (page, program) => {
  const anna = "arn:aws:iam::000000000000:user/anna";
  const resource = "arn:aws:glacier:us-east-1:000000000000:vaults/photos";
  const statement = {
    Sid: "keep",
    Effect: "Deny",
    Principal: { AWS: "*" },
    Action: "glacier:DeleteArchive",
    Resource: resource,
  };
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await program.aws("create-vault", ...photos);
  const { archiveId } = await program.aws("upload-archive", ...photos, "--body", "cat.jpg");
  await program.aws("set-vault-access-policy", ...photos, "--policy", JSON.stringify({ Policy: policy }));
  await assert.rejects(program.aws("delete-archive", ...photos, `--archive-id=${archiveId}`), /AccessDeniedException/);
  await calls(page, "DeleteArchive").filter({ hasText: "403" }).filter({ hasText: '"keep"' }).waitFor();

  await show(page, "access");
  const form = page.locator("#explain");
  await form.getByLabel("Vault").fill("photos");
  await form.getByLabel("Principal").fill(anna);
  await form.getByLabel("Operation").selectOption("DeleteArchive");
  await page.getByRole("button", { name: "Explain" }).click();
  await page.locator("#explained", { hasText: "No, it is denied." }).filter({ hasText: '"keep"' }).waitFor();
  await form.getByLabel("Operation").selectOption("UploadArchive");
  await form.getByLabel("Principal").fill("");
  await page.getByRole("button", { name: "Explain" }).click();
  await page.locator("#explained", { hasText: "Yes, it is allowed." }).waitFor();
  const suggested = page.locator('#vault-names option[value="photos"]');
  await suggested.waitFor({ state: "attached" });
});

play("everything that is in a vault is shown", { options: { view: "vaults" } }, async (page, program) => {
  const resource = "arn:aws:glacier:us-east-1:000000000000:vaults/photos";
  const statement = { Effect: "Deny", Principal: { AWS: "*" }, Action: "glacier:DeleteArchive", Resource: resource };
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await program.aws("create-vault", ...photos);
  await program.aws(
    "initiate-multipart-upload",
    ...photos,
    "--part-size",
    "1048576",
    "--archive-description",
    "a film",
  );
  await program.aws("initiate-vault-lock", ...photos, "--policy", JSON.stringify({ Policy }));
  await program.aws("set-vault-access-policy", ...photos, "--policy", JSON.stringify({ Policy }));
  const topic = "arn:aws:sns:us-east-1:000000000000:done";
  const config = JSON.stringify({ SNSTopic: topic, Events: ["ArchiveRetrievalCompleted"] });
  await program.aws("set-vault-notifications", ...photos, "--vault-notification-config", config);
  await program.aws(...inventory);
  const vault = page.locator('[data-vault="photos"]');
  await vault.locator("summary").first().click();
  for (const text of [
    "a film",
    "parts of 1 MiB",
    "In progress expires 2026-02-01 00:00:00",
    topic,
    "1 job, 1 in progress.",
  ]) {
    await vault.filter({ hasText: text }).waitFor();
  }
  for (const part of ["lock", "access"]) {
    await vault.locator(`[data-part="${part}"] summary`).click();
    await vault.locator(`[data-part="${part}"] pre`, { hasText: "glacier:DeleteArchive" }).waitFor();
  }
  // What was opened stays open when the vault changes.
  await program.aws("upload-archive", ...photos, "--body", "cat.jpg");
  await vault.filter({ hasText: "1 archive" }).locator('[data-part="lock"] pre').waitFor();
});

play("the console is used with the keyboard alone", { options: { view: "" } }, async (page, program) => {
  await program.aws("create-vault", ...photos);
  const { jobId } = await program.aws(...inventory);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the requests");

  await tabTo(page, "advance-by");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("30m");
  await page.keyboard.press("Enter");
  await page.locator("#happened-title", { hasText: "00:30:00: nothing happened" }).waitFor();

  // A link to a view moves the focus to its title.
  const titleHasFocus = (view) => page.waitForFunction((id) => document.activeElement.id === id, `${view}-title`);
  await tabTo(page, "Jobs");
  await page.keyboard.press("Enter");
  await titleHasFocus("jobs");
  await page.locator(`[data-job="${jobId}"]`).waitFor();
  await tabTo(page, "Fail… the Inventory retrieval of photos");
  await page.keyboard.press("Enter");
  await tabTo(page, "fail-message");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("pressed");
  await page.keyboard.press("Enter");
  await page.locator(`[data-job="${jobId}"]`, { hasText: "Failed" }).filter({ hasText: "pressed" }).waitFor();
  // The button is gone, and the focus is on the one that took its place.
  await page.waitForFunction(() => document.activeElement.dataset.focus === "expire");

  // A dialog closes with Escape, and the focus returns.
  await tabTo(page, "Faults");
  await page.keyboard.press("Enter");
  await titleHasFocus("faults");
  await tabTo(page, "fault-new");
  await page.keyboard.press("Enter");
  await page.locator("#fault-dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.activeElement.id === "fault-new");

  // A call is opened.
  await page.locator("#title").focus();
  await tabTo(page, "requests-text");
  await page.keyboard.type("createvault");
  await calls(page, "InitiateJob").waitFor({ state: "detached" });
  await tabTo(
    page,
    await calls(page, "CreateVault")
      .locator("> summary")
      .evaluate((summary) => summary.textContent),
  );
  await page.keyboard.press("Enter");
  await calls(page, "CreateVault").locator(".facts", { hasText: "PUT /-/vaults/photos" }).waitFor();
});

play("a record of almost 10,000 requests, the default limit, stays usable", {}, async (page, program) => {
  await program.glacier("PUT", "/-/vaults/needle");
  let left = 9_990;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await program.glacier("GET", "/-/vaults");
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  await page.locator("#requests-count", { hasText: "9,991 requests" }).waitFor();
  const elements = () => page.evaluate(() => document.querySelectorAll("*").length);
  assert.ok((await elements()) < 3000, `${await elements()} elements`);
  await page.getByText("1 to 100 of 9,991 calls").waitFor();
  await page.getByRole("button", { name: "Older" }).click();
  await page.getByText("101 to 200 of 9,991 calls").waitFor();
  // What arrives meanwhile does not move the page.
  const first = () => page.locator("#requests-list .call").first().getAttribute("data-call");
  const shown = await first();
  await program.glacier("GET", "/-/vaults");
  await page.getByText("102 to 201 of 9,992 calls").waitFor();
  assert.equal(await first(), shown);
  await page.getByRole("button", { name: "Newer" }).click();
  await page.getByText("1 to 100 of 9,992 calls").waitFor();
  await page.locator("#requests-text").fill("needle");
  await calls(page, "CreateVault").waitFor();
  assert.equal(await page.locator("#requests-list .call").count(), 1);
  // A page that is opened now shows the same.
  await page.reload();
  await page.locator("#requests-count", { hasText: "9,992 requests" }).waitFor();
});

play("the console drops the requests that the mock no longer has", {}, async (page) => {
  const seen = await page.evaluate(async () => {
    const { Record } = await import("/_glacier-mock/record.js");
    const record = new Record();
    const put = (number, invocation_id) =>
      record.put({ number, invocation_id, method: "GET", path: "/", state: "answered", status: 200 });
    const look = () => [
      record.size,
      record.complete,
      record.find("", false).map(({ attempts }) => attempts.map(({ number }) => number)),
    ];
    [[1, "a"], [2, "b"], [3, "a"], [4], [6]].forEach(([number, id]) => put(number, id));
    const before = look();
    record.dropBefore(3);
    return [before, look()];
  });
  assert.deepEqual(seen, [
    [5, 4, [[6], [4], [2], [1, 3]]],
    [3, 4, [[6], [4], [3]]],
  ]);
});

play(
  "a request beyond the limit of the record is no longer shown",
  { flags: ["--keep-requests", "3"] },
  async (page, program) => {
    for (const name of ["one", "two", "three"]) await program.glacier("PUT", `/-/vaults/${name}`);
    await calls(page, "one").waitFor();
    await program.glacier("PUT", "/-/vaults/four");
    await calls(page, "one").waitFor({ state: "detached" });
    await page.locator("#requests-count", { hasText: "3 requests" }).waitFor();
    for (const name of ["two", "three", "four"]) await calls(page, name).waitFor();
  },
);

play("the filter finds what failed", {}, async (page, program) => {
  await program.glacier("PUT", "/-/vaults/photos");
  await program.glacier("GET", "/-/vaults/missing");
  await calls(page, "DescribeVault").filter({ hasText: "ResourceNotFoundException" }).waitFor();
  await page.getByLabel("Failed only").check();
  await calls(page, "CreateVault").waitFor({ state: "detached" });
  await page.locator("#requests-text").fill("notfound missing");
  await calls(page, "DescribeVault").waitFor();
  await page.locator("#requests-text").fill("nothing");
  await page.getByText("No request matches the filter.").waitFor();
});

play("a request in flight is shown, and ends when the clock moves on", {}, async (page, program) => {
  await program.api("POST", "/faults", { effect: { delayed: "1h" } });
  const sent = program.glacier("GET", "/-/vaults");
  await calls(page, "ListVaults").filter({ hasText: "in flight" }).waitFor();
  await page.getByRole("button", { name: "Advance", exact: true }).click();
  await calls(page, "ListVaults").filter({ hasText: "200" }).filter({ hasText: "Fault:" }).waitFor();
  assert.equal(await sent, 200);
});

play("a request without a response is shown", {}, async (page, program) => {
  await program.api("POST", "/faults", { effect: "resets" });
  await assert.rejects(program.glacier("GET", "/-/vaults"));
  await calls(page, "ListVaults").filter({ hasText: "no response" }).filter({ hasText: "Fault:" }).waitFor();
});

play("reset restores parts or everything", {}, async (page, program) => {
  await program.aws("create-vault", ...photos);
  await calls(page, "CreateVault").waitFor();
  const reset = page.locator("#reset-dialog");
  await page.getByRole("button", { name: "Reset…" }).click();
  await reset.getByLabel("requests").check();
  await reset.getByRole("button", { name: "Reset" }).click();
  await page.locator("#requests-empty").waitFor();
  await page.locator('[data-vault="photos"]').waitFor();
  await page.getByRole("button", { name: "Reset…" }).click();
  await reset.getByRole("button", { name: "Reset" }).click();
  await page.locator("#vaults-empty").waitFor();
  // The record that another program removes disappears, too.
  await program.glacier("GET", "/-/vaults");
  await calls(page, "ListVaults").waitFor();
  await program.api("DELETE", "/requests");
  await page.locator("#requests-empty").waitFor();
});

play(
  "the state is saved to a file and loaded with the keyboard",
  { expected: ["status of 400"] },
  async (page, program) => {
    await program.aws("create-vault", ...photos);
    await show(page, "vaults");
    await page.locator('[data-vault="photos"]').waitFor();
    const opens = async () => {
      await page.locator("#title").focus();
      await tabTo(page, "State…");
      await page.keyboard.press("Enter");
      await page.locator("#state-dialog").waitFor();
    };
    await opens();
    await tabTo(page, "Save to a file");
    const saving = page.waitForEvent("download");
    await page.keyboard.press("Enter");
    const saved = await saving;
    assert.equal(saved.suggestedFilename(), "state.glacier");
    const file = join(program.folder, "state.glacier");
    await saved.saveAs(file);
    await page.locator("#notice", { hasText: "The state was saved as state.glacier." }).waitFor();

    await program.api("POST", "/reset");
    await page.locator("#vaults-empty").waitFor();
    const choose = async (path) => {
      await tabTo(page, "state-file");
      // Not by the dialog that the browser opens: a headless one does not always open it.
      await page.locator(":focus").setInputFiles(path);
      await tabTo(page, "Load");
      await page.keyboard.press("Enter");
    };
    await opens();
    await choose(join(program.folder, "cat.jpg"));
    const message = "the state cannot be loaded: it is not a file that glacier-mock saved, or it was truncated";
    await page.locator("#state-form .form-error", { hasText: message }).waitFor();
    await page.keyboard.press("Escape");
    await opens();
    // Without a file.
    await tabTo(page, "Load");
    await page.keyboard.press("Enter");
    await page.locator("#state-form .form-error", { hasText: "Choose a file." }).waitFor();
    await choose(file);
    await page.locator("#notice", { hasText: "The state of state.glacier was loaded." }).waitFor();
    await page.locator('[data-vault="photos"]').waitFor();
  },
);

play(
  "a program that was started again is shown",
  {
    expected: [
      "ERR_CONNECTION_REFUSED",
      "ERR_INCOMPLETE_CHUNKED_ENCODING",
      "ERR_CONNECTION_RESET",
      "ERR_EMPTY_RESPONSE",
    ],
  },
  async (page, program) => {
    await program.glacier("PUT", "/-/vaults/before");
    await calls(page, "before").waitFor();
    const { port } = program;
    await program.stop();
    await page.locator("#connection", { hasText: "Disconnected" }).waitFor();
    await program.launch("--port", port);
    await page.locator("#connection", { hasText: "Connected" }).waitFor();
    await program.glacier("PUT", "/-/vaults/afterwards");
    await calls(page, "afterwards").waitFor();
    await calls(page, "before").waitFor({ state: "detached" });
  },
);

for (const colorScheme of ["light", "dark"]) {
  for (const [width, height] of [
    [360, 740],
    [800, 600],
    [1400, 900],
    [2560, 1300],
  ]) {
    const options = { width, height, colorScheme };
    play(`all texts fit and can be read, ${colorScheme}, ${width} pixels wide`, { options }, async (page, program) => {
      await program.api("PUT", "/vaults/photos", { tags: { team: "archive" } });
      await program.api("POST", "/faults", {
        operation: "DeleteVault",
        effect: "resets",
        match: { vault: "x".repeat(200) },
      });
      await program.glacier("POST", "/-/vaults/photos/archives");
      await program.glacier("GET", `/-/vaults/${"y".repeat(200)}`);
      for (const view of VIEWS) {
        if (view !== "requests" || width < 1100) await show(page, view);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${view} is ${wide} pixels too wide`);
        assert.deepEqual(await lowContrast(page), [], view);
      }
      await show(page, "faults");
      await page.locator("[data-fault]").waitFor();
      await page.getByRole("button", { name: "Set a fault" }).click();
      await page.getByText("Conditions").click();
      assert.deepEqual(await lowContrast(page), [], "the dialog");
      const inside = await page
        .locator("#fault-dialog")
        .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
      assert.ok(inside <= 0, `the dialog is ${inside} pixels too narrow`);
    });
  }
}

test("the policy of the page forbids code that is made from text", async () => {
  const program = await Program.start();
  try {
    const page = await open(browser, program);
    const made = await page.evaluate(() => {
      try {
        document.body.innerHTML = "<p>made</p>";
        return "made";
      } catch (error) {
        return error.name;
      }
    });
    assert.equal(made, "TypeError");
    const inside = await page.evaluate(() => {
      const script = document.createElement("img");
      script.src = "http://127.0.0.2:1/other-host.png";
      document.body.append(script);
      return new Promise((resolve) => script.addEventListener("error", () => resolve("refused")));
    });
    assert.equal(inside, "refused");
    await page.waitForFunction(() => true);
    // The checks of the other tests would see both.
    assert.ok(
      page.problems.some((problem) => problem.startsWith("violation of the policy: require-trusted-types-for")),
      page.problems.join("\n"),
    );
    assert.ok(
      page.problems.some((problem) => problem.startsWith("violation of the policy: img-src")),
      page.problems.join("\n"),
    );
  } finally {
    await program.close();
  }
});

test("a browser that opens the endpoint is sent to the console", async () => {
  const program = await Program.start();
  try {
    const page = await browser.newPage();
    await page.goto(program.endpoint);
    assert.equal(page.url(), `${program.endpoint}/_glacier-mock/`);
    await page.locator("#connection", { hasText: "Connected" }).waitFor();
    assert.deepEqual((await program.api("GET", "/requests")).requests, []);
    await page.close();
  } finally {
    await program.close();
  }
});
