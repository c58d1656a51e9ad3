/** A machine's power switch, which its own tools find among its services. */
export interface Power {
  off(): void;
  /** Off, and on again after a moment. */
  reboot(): void;
}

export const powerService = 'power';
