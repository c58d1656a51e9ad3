/**
 * The interpreter behind the emulator's ScriptEngine: QuickJS in WebAssembly, loaded when a cluster first wants it.
 *
 * - A script gets the language and nothing else: no host objects, no clock, no chance, no promises, no modules.
 * - It is stopped by a count of the interpreter's own interrupts, so that it stops at the same step on every machine.
 * - The scripts of an engine share the memory of one instance, which cannot grow. Who asks for too much is stopped, and the instance
 *   is not asked again: what it can still do with the little that is left depends on the host's smallest circumstances.
 *
 * Deliberately absent: a guard against a script that spends its time in few, large operations (sorting a million elements, over and
 * over). It ends, since it is counted, but late.
 */
import variant from '@jitl/quickjs-wasmfile-release-sync';
import { DefaultIntrinsics, newQuickJSWASMModuleFromVariant, newVariant } from 'quickjs-emscripten-core';
import type { QuickJSContext, QuickJSHandle, QuickJSWASMModule } from 'quickjs-emscripten-core';
import { ScriptError } from '../../emulator/kernel/index.ts';
import type { Script, ScriptEngine } from '../../emulator/kernel/index.ts';

/** QuickJS asks for permission to go on once in so many branches and calls. */
const stepsPerInterrupt = 10_000;
const stackBytes = 256 * 1024;
/** WebAssembly counts memory in pages of 64 KiB; the interpreter begins with 16 MiB. */
const pages = 256;
/** What would make two runs differ, and what does much work in one step. */
const prelude =
  'delete Math.random; delete globalThis.queueMicrotask; delete globalThis.performance; for (const name of ["repeat", "padStart", "padEnd"]) delete String.prototype[name];';
const intrinsics = { ...DefaultIntrinsics, BigInt: false, Date: false, Promise: false, TypedArrays: false };

export async function loadScriptEngine(): Promise<ScriptEngine> {
  const memory = new FixedMemory();
  const quickjs = await newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmMemory: memory.memory }));
  return {
    load(files, steps) {
      const script = memory.guard(() => new QuickJSScript(quickjs, memory, steps));
      try {
        script.run('prelude.js', prelude);
        for (const { name, text } of files) script.run(name, text);
      } catch (error) {
        script.close();
        throw error;
      }
      return script;
    },
  };
}

const exhausted = 'it has used up its memory';

/** Memory that does not grow, and remembers that somebody wanted it to. */
class FixedMemory {
  readonly memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  isExhausted = false;
  /** Why the instance is not asked any more. */
  #end: string | undefined;

  constructor() {
    // An allocation that fails asks several times: the refusal must be cheap.
    const refusal = new RangeError('the memory does not grow');
    this.memory.grow = () => {
      this.isExhausted = true;
      throw refusal;
    };
  }

  /** Does something in the instance. Throws a ScriptError, whatever went wrong. */
  guard<T>(work: () => T): T {
    if (this.#end) throw new ScriptError(this.#end);
    try {
      const result = work();
      if (this.isExhausted) throw new ScriptError(exhausted);
      return result;
    } catch (error) {
      // The host's own words differ from browser to browser.
      if (!(error instanceof ScriptError)) this.#end = 'the interpreter has broken down';
      if (this.isExhausted) this.#end = exhausted;
      throw this.#end ? new ScriptError(this.#end) : error;
    }
  }

  get isBroken(): boolean {
    return this.#end !== undefined;
  }
}

class QuickJSScript implements Script {
  readonly #context: QuickJSContext;
  readonly #memory: FixedMemory;
  readonly #steps: number;
  #interrupts = 0;
  #isClosed = false;

  constructor(quickjs: QuickJSWASMModule, memory: FixedMemory, steps: number) {
    this.#memory = memory;
    this.#steps = steps;
    const runtime = quickjs.newRuntime({ maxStackSizeBytes: stackBytes, interruptHandler: () => this.#mustEnd(++this.#interrupts) });
    this.#context = runtime.newContext({ intrinsics });
  }

  run(name: string, text: string): void {
    this.#memory.guard(() => this.#run(name, text));
  }

  call(name: string, argument: string): string {
    return this.#memory.guard(() => this.#call(name, argument));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { runtime } = this.#context;
    if (this.#memory.isBroken) return;
    this.#context.dispose();
    runtime.dispose();
  }

  #run(name: string, text: string): void {
    this.#begin();
    const result = this.#context.evalCode(text, name);
    if (result.error) throw this.#error(result.error);
    result.value.dispose();
  }

  #call(name: string, argument: string): string {
    this.#begin();
    const context = this.#context;
    const text = context.newString(argument);
    const func = context.getProp(context.global, name);
    try {
      const result = context.callFunction(func, context.undefined, text);
      if (result.error) throw this.#error(result.error);
      const answer = context.getString(result.value);
      result.value.dispose();
      return answer;
    } finally {
      text.dispose();
      func.dispose();
    }
  }

  #begin(): void {
    this.#interrupts = 0;
  }

  #mustEnd(interrupts: number): boolean {
    return this.#memory.isExhausted || interrupts * stepsPerInterrupt > this.#steps;
  }

  #error(handle: QuickJSHandle): ScriptError {
    const isOver = this.#mustEnd(this.#interrupts);
    const thrown: unknown = isOver ? undefined : this.#context.dump(handle);
    handle.dispose();
    return new ScriptError(isOver ? `it has not come to an end after ${this.#steps} steps` : describe(thrown));
  }
}

/** `TypeError: x is not a function (score.js:3)`: the innermost place that is in a file of the learner's. */
function describe(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return String(thrown);
  const { name = 'Error', message = '', stack = '' } = thrown as { name?: string; message?: string; stack?: string };
  const [, place] = /\(?([\w./-]+\.js:\d+)/.exec(stack) ?? [];
  return `${name}: ${message}${place ? ` (${place})` : ''}`;
}
