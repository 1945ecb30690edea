/** A bell that is heard even when it rang before anybody listened. */
export interface Wake {
  ring: () => void;
  heard: () => Promise<void>;
}

export function createWake(): Wake {
  let rang = false;
  let resume: (() => void) | undefined;
  return {
    ring: () => {
      rang = true;
      resume?.();
    },
    heard: async () => {
      if (!rang) {
        await new Promise<void>((resolve) => {
          resume = resolve;
        });
      }
      resume = undefined;
      rang = false;
    },
  };
}
