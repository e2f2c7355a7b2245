type Listener = (...args: never[]) => void;

/** The part of `@socket.io/component-emitter` that the Engine uses of a transport. */
export class EngineEmitter {
  readonly #listeners = new Map<string, Listener[]>();

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
    return this;
  }

  once(event: string, listener: Listener): this {
    const once = Object.assign(
      (...args: never[]) => {
        this.off(event, once);
        listener(...args);
      },
      { listener },
    );
    return this.on(event, once);
  }

  off(event?: string, listener?: Listener): this {
    if (event === undefined) this.#listeners.clear();
    else if (listener === undefined) this.#listeners.delete(event);
    else {
      const isOther = (it: Listener) => it !== listener && (it as { listener?: Listener }).listener !== listener;
      this.#listeners.set(event, this.listeners(event).filter(isOther));
    }
    return this;
  }

  addEventListener(event: string, listener: Listener): this {
    return this.on(event, listener);
  }

  removeEventListener(event?: string, listener?: Listener): this {
    return this.off(event, listener);
  }

  removeListener(event?: string, listener?: Listener): this {
    return this.off(event, listener);
  }

  removeAllListeners(event?: string): this {
    return this.off(event);
  }

  listeners(event: string): Listener[] {
    return this.#listeners.get(event) ?? [];
  }

  hasListeners(event: string): boolean {
    return this.listeners(event).length > 0;
  }

  emit(event: string, ...args: unknown[]): this {
    for (const listener of this.listeners(event)) listener(...(args as never[]));
    return this;
  }

  emitReserved(event: string, ...args: unknown[]): this {
    return this.emit(event, ...args);
  }
}

/** An error as the Engine and applications know it from other transports. */
export class TransportError extends Error {
  readonly type = "TransportError";
  readonly description: unknown;
  readonly context: unknown;

  constructor(reason: string, description: unknown, context: unknown) {
    super(reason);
    this.description = description;
    this.context = context;
  }
}
