export type Display = {
  /** A line that stays. */
  say(text: string): void;
  /** On a terminal, one line that is overwritten; elsewhere, a line for each quarter. */
  progress(text: string, percent: number): void;
};

type Progress = {
  status: string;
  progress: number;
  step: number | null;
  total_steps: number | null;
  loss: number | null;
  blocked_reason: string | null;
};

export function createDisplay(out: NodeJS.WriteStream): Display {
  let shown = '';
  let quarter = -1;

  function clear(): void {
    if (shown) out.write('\r\u001b[2K');
    shown = '';
  }

  return {
    say(text) {
      clear();
      quarter = -1;
      out.write(`${text}\n`);
    },
    progress(text, percent) {
      if (out.isTTY) {
        const line = `${barOf(percent)} ${text}`.slice(0, Math.max(20, (out.columns || 80) - 1));
        if (line === shown) return;
        clear();
        out.write(line);
        shown = line;
      } else if (Math.floor(percent / 25) > quarter) {
        quarter = Math.floor(percent / 25);
        out.write(`  ${text}\n`);
      }
    },
  };
}

export function progressLine({ status, progress, step, total_steps, loss, blocked_reason }: Progress): string {
  return [
    `${status.replace('_', ' ')} ${progress} %`,
    step !== null && total_steps !== null ? `step ${step} of ${total_steps}` : '',
    loss === null ? '' : `loss ${loss.toFixed(3)}`,
    blocked_reason ? `waits: ${blocked_reason}` : '',
  ]
    .filter(Boolean)
    .join(', ');
}

function barOf(percent: number): string {
  const width = 24;
  const full = Math.round((percent / 100) * width);
  return `  ${'█'.repeat(full)}${'░'.repeat(width - full)}`;
}
