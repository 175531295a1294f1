import { InvalidInputError } from '../../../risk/errors.ts';

/**
 * Lower triangle L with L L' = matrix (Cholesky).
 * @throws InvalidInputError when the matrix is not a positive definite correlation matrix.
 */
export function cholesky(matrix: readonly (readonly number[])[], field = 'correlation'): number[][] {
  const size = matrix.length;
  const lower = matrix.map(() => new Array<number>(size).fill(0));
  for (let row = 0; row < size; row++) {
    if (matrix[row]!.length !== size) throw new InvalidInputError(field, 'must be square');
    if (matrix[row]![row] !== 1) throw new InvalidInputError(field, 'must have ones on its diagonal');
    for (let column = 0; column <= row; column++) {
      if (matrix[row]![column] !== matrix[column]![row])
        throw new InvalidInputError(field, 'must be symmetric');
      let rest = matrix[row]![column]!;
      for (let k = 0; k < column; k++) rest -= lower[row]![k]! * lower[column]![k]!;
      if (row === column) {
        if (!(rest > 1e-12)) throw new InvalidInputError(field, 'must be positive definite');
        lower[row]![row] = Math.sqrt(rest);
      } else {
        lower[row]![column] = rest / lower[column]![column]!;
      }
    }
  }
  return lower;
}
