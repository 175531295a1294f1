/** How well probabilities tell events from non-events. */
export interface ClassificationScores {
  readonly rows: number;
  readonly events: number;
  /** Area under the receiver operating characteristic; NaN without both kinds. */
  readonly auc: number;
  /** 1 - Brier score / Brier score of the sample's own event rate. */
  readonly brierSkill: number;
  /** Share of true alarms at the highest threshold that catches 80 % of the events. */
  readonly precisionAt80Recall: number;
}

const RECALL = 0.8;

/** Scores of probabilities against 0/1 labels; ties in the probabilities count half in the AUC. */
export function classify(probabilities: readonly number[], labels: readonly number[]): ClassificationScores {
  const order = probabilities.map((_, i) => i).sort((a, b) => probabilities[b]! - probabilities[a]!);
  const rows = labels.length;
  const events = labels.reduce((sum, label) => sum + label, 0);
  let above = 0;
  let caught = 0;
  let concordant = 0;
  let precision = Number.NaN;
  for (let at = 0; at < rows; ) {
    let end = at;
    let tiedEvents = 0;
    while (end < rows && probabilities[order[end]!] === probabilities[order[at]!]) {
      tiedEvents += labels[order[end]!]!;
      end += 1;
    }
    const tiedOthers = end - at - tiedEvents;
    // Every event ranks above the non-events that are still to come, and level with those tied.
    concordant += tiedEvents * (rows - events - (above - caught) - tiedOthers / 2);
    above = end;
    caught += tiedEvents;
    if (Number.isNaN(precision) && caught >= RECALL * events) precision = caught / above;
    at = end;
  }
  const rate = events / rows;
  let brier = 0;
  labels.forEach((label, i) => {
    brier += (probabilities[i]! - label) ** 2;
  });
  const both = events > 0 && events < rows;
  return {
    rows,
    events,
    auc: both ? concordant / (events * (rows - events)) : Number.NaN,
    brierSkill: both ? 1 - brier / rows / (rate * (1 - rate)) : Number.NaN,
    precisionAt80Recall: both ? precision : Number.NaN,
  };
}
