// Asks for the state again: when something has happened, and from time to time.

const PERIOD_MS = 1000;

/** Runs a task, but never twice at a time. If it is requested while it runs, it runs once more afterwards. */
export class Refresh {
  #task;
  #running = null;
  #again = false;

  constructor(task) {
    this.#task = task;
  }

  /** Runs the task. The promise ends when a run that began after this call has ended. */
  now() {
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#run();
    return this.#running;
  }

  async #run() {
    try {
      do {
        this.#again = false;
        await this.#task();
      } while (this.#again);
    } finally {
      this.#running = null;
    }
  }
}

/** Returns a function that runs another one a little later, once for all calls until then. */
export function soon(run, milliseconds) {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(() => {
      isWaiting = false;
      run();
    }, milliseconds);
  };
}

/** Runs a function from time to time while the page is visible, and at once when it becomes visible. */
export function repeat(refresh) {
  const visible = () => {
    if (document.visibilityState === "visible") refresh();
  };
  setInterval(visible, PERIOD_MS);
  document.addEventListener("visibilitychange", visible);
}
