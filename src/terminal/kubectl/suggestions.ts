/** Commands whose names are near a mistyped one, as cobra finds them: at most two edits away, or beginning with it. */
export function suggestions(word: string, names: readonly string[]): readonly string[] {
  const lower = word.toLowerCase();
  return names.filter((name) => editDistance(lower, name) <= 2 || name.startsWith(lower));
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      row.push(Math.min(row[j - 1]! + 1, previous[j]! + 1, previous[j - 1]! + change));
    }
    previous = row;
  }
  return previous[b.length]!;
}
