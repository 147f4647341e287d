// An answer that is a refusal, in words for the user: what they asked cannot be done, and why.

export class Refusal extends Error {}
