/** Goes with every message about an account that lists nothing at all: nobody can tell it from a wrong one. */
export const MAYBE_ANOTHER_ACCOUNT =
  "If that is a surprise, check the account's id and the credentials first: a mistyped id, and the credentials of another account, look the same.";
