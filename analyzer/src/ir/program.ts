// The linked set of units: global names, the function table, name → function binding, constants, types.
// Flow and simulator read it; it knows nothing of contexts. (Being written: see ARCHITECTURE.md.)
export {};
