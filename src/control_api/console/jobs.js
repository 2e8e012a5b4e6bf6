// The jobs, and the buttons that decide how they end.

import { get, send } from "./api.js";
import { dialog } from "./dialog.js";
import { byId, el } from "./dom.js";
import { facts } from "./facts.js";
import { count, dateTime, size, words } from "./format.js";
import { showList } from "./list.js";
import { attempt } from "./notice.js";

const JOBS_OF_PAGE = 100;

let limit = JOBS_OF_PAGE;

/** Connects the controls. `changed` is called after a job was changed. Returns the function that refreshes the list. */
export function startJobs(changed) {
  const openFail = dialog("fail-dialog", prepareFail, async (id) => {
    await send("POST", ["jobs", id, "fail"], { message: byId("fail-message").value });
    changed();
  });
  const act = {
    complete: (id) => attempt(() => send("POST", ["jobs", id, "complete"]).then(changed)),
    fail: (id) => openFail(id),
    hold: (id) => attempt(() => send("POST", ["jobs", id, "hold"]).then(changed)),
    expire: (id) => attempt(() => send("POST", ["jobs", id, "expire"]).then(changed)),
  };
  byId("jobs-more").addEventListener("click", () => {
    limit += JOBS_OF_PAGE;
    changed();
  });
  return async function refresh() {
    const { jobs } = await get(["jobs"]);
    jobs.reverse();
    const open = jobs.filter(({ job }) => !job.Completed).length;
    const showsPlace = new Set(jobs.map(({ account, region }) => `${account} ${region}`)).size > 1;
    const items = jobs.slice(0, limit).map((found) => ({ found, showsPlace }));
    showList(
      byId("jobs-list"),
      items,
      ({ found }) => found.job.JobId,
      (item) => card(item, act),
    );
    byId("jobs-count").textContent = jobs.length === 0 ? "" : `${count(jobs.length, "job")}, ${open} in progress`;
    byId("jobs-empty").hidden = jobs.length > 0;
    byId("jobs-more").hidden = jobs.length <= limit;
  };
}

function prepareFail(id) {
  byId("fail-form").reset();
  byId("fail-job").textContent = `Job ${id}`;
}

const KINDS = { Succeeded: "good", Failed: "bad", InProgress: "info" };

function card({ found, showsPlace }, act) {
  const { job, account, region, vault } = found;
  const id = job.JobId;
  const button = (name, title, explanation) =>
    el(
      "button",
      { type: "button", class: "small", title: explanation, "data-focus": name, onclick: () => act[name](id) },
      title,
      el("span", { class: "unseen" }, ` the ${words(job.Action)} of ${vault}`),
    );
  const buttons = job.Completed
    ? [button("expire", "Expire", "Removes the job and its output, as after 24 hours")]
    : [
        button("complete", "Complete", "The job succeeds now"),
        button("fail", "Fail…", "The job fails now, with a message"),
        button("hold", "Hold", "The job stays in progress until it is completed or failed here"),
      ];
  return el(
    "article",
    { class: "card", "data-job": id },
    el(
      "div",
      { class: "card-head" },
      el("h3", {}, words(job.Action)),
      el("span", { class: "chip", "data-kind": KINDS[job.StatusCode] ?? "" }, words(job.StatusCode)),
      el("div", { class: "buttons" }, buttons),
    ),
    facts([
      ["Vault", vault],
      ["Job", id, "id"],
      ["Message", job.StatusMessage === job.StatusCode ? null : job.StatusMessage],
      ["Description", job.JobDescription],
      ["Archive", job.ArchiveId, "id"],
      ["Retrieves", retrieved(job)],
      ["Started", dateTime(job.CreationDate)],
      ["Ended", job.CompletionDate && dateTime(job.CompletionDate)],
      ["Account", showsPlace && `${account} in ${region}`],
    ]),
  );
}

/** Returns what a job retrieves as one text. */
function retrieved({ ArchiveSizeInBytes, InventorySizeInBytes, RetrievalByteRange, Tier }) {
  const bytes = ArchiveSizeInBytes ?? InventorySizeInBytes ?? null;
  return [
    bytes === null ? null : size(bytes),
    RetrievalByteRange && `range ${RetrievalByteRange}`,
    Tier && `${Tier} tier`,
  ]
    .filter(Boolean)
    .join(", ");
}
