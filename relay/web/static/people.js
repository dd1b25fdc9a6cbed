/* What people are called. Facts name them by their login name, which pages show only where nothing better is known. */

let names = {};

/** @param {{[person: string]: string}} known */
export const meet = (known) => (names = known);

/** @param {string} person a login name */
export const called = (person) => names[person] || person;
