/** A part of a component that is loaded when the component is shown, and goes when the component does. */

export class Shown<T extends { dispose(): void }> {
  readonly #load: () => Promise<() => T>;
  #loading: Promise<T | null> | null = null;
  #part: T | null = null;

  /** `load` fetches what the part needs, and returns what makes it. */
  constructor(load: () => Promise<() => T>) {
    this.#load = load;
  }

  /** The part, if it is there. */
  get current(): T | null {
    return this.#part;
  }

  /** The part; `null` if it was hidden before it came or failed. */
  show(): Promise<T | null> {
    if (this.#loading !== null) return this.#loading;
    const isWanted = () => this.#loading === loading;
    const loading: Promise<T | null> = this.#load()
      .then((make) => (isWanted() ? (this.#part = make()) : null))
      .catch((error: unknown) => {
        if (!isWanted()) return null;
        // What has failed once may succeed the next time. There are browsers in which it does only when the page is loaded anew.
        this.#loading = null;
        throw error;
      });
    this.#loading = loading;
    return loading;
  }

  hide(): void {
    this.#loading = null;
    this.#part?.dispose();
    this.#part = null;
  }
}
