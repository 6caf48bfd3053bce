/**
 * What stands between bytes from anywhere and values that count (`spec/04 §6`): a `Signed` value was signed here, a
 * `Verified` one passed the gate in `run.ts`. Only this folder makes either.
 */

declare const signedBrand: unique symbol;
declare const verifiedBrand: unique symbol;

/** A value that the gate let through. */
export type Verified<T> = T & { readonly [verifiedBrand]: true };

/** A value signed on this device; it counts as verified. */
export type Signed<T> = Verified<T> & { readonly [signedBrand]: true };

/** For `signEntry` only. */
export function brandSigned<T>(value: T): Signed<T> {
  return value as Signed<T>;
}

/** For `verifyRun` and `verifyGenesis` only. */
export function brandVerified<T>(value: T): Verified<T> {
  return value as Verified<T>;
}

/** For values that this device verified before it stored them and now reads from its own store; nothing else. */
export function verifiedBefore<T>(value: T): Verified<T> {
  return value as Verified<T>;
}
