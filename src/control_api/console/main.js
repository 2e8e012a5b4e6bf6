// Starts the console: connects each view to the control API and refreshes what is shown.

import { refreshClock, startClock } from "./clock.js";
import { startExplain } from "./explain.js";
import { startFaults } from "./faults.js";
import { startJobs } from "./jobs.js";
import { Refresh, repeat, soon } from "./refresh.js";
import { startRequests } from "./requests.js";
import { startReset } from "./reset.js";
import { startState } from "./state.js";
import { startUsage } from "./usage.js";
import { startVaults } from "./vaults.js";
import { currentView, startViews } from "./views.js";

/** How long the views wait after a request, so that they are refreshed once for many requests. */
const ARRIVAL_MS = 250;

const refresh = new Refresh(async () => {
  await refreshClock();
  await views[currentView()]?.().catch(() => {});
});
const changed = () => refresh.now();

const views = {
  vaults: startVaults(changed),
  jobs: startJobs(changed),
  faults: startFaults(changed),
  access: startExplain(),
  usage: startUsage(),
};

startClock(changed);
const checkRequests = startRequests(soon(changed, ARRIVAL_MS));
const replaced = () => {
  checkRequests().catch(() => {});
  changed();
};
startReset(replaced);
startState(replaced);
startViews(changed);
repeat(replaced);
