// Elements of HTML and SVG in one call each. Styles come from classes: the page allows no inline ones.

const SVG = "http://www.w3.org/2000/svg";

export type Child = Node | string;

/** An element with attributes and children; false and undefined attributes are left out. */
export function html<Name extends keyof HTMLElementTagNameMap>(
	name: Name,
	attributes: Readonly<Record<string, string | number | boolean | undefined>> = {},
	...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
	const element = document.createElement(name);
	set(element, attributes);
	element.append(...children);
	return element;
}

export function svg<Name extends keyof SVGElementTagNameMap>(
	name: Name,
	attributes: Readonly<Record<string, string | number | boolean | undefined>> = {},
	...children: readonly Child[]
): SVGElementTagNameMap[Name] {
	const element = document.createElementNS(SVG, name);
	set(element, attributes);
	element.append(...children);
	return element;
}

function set(element: Element, attributes: Readonly<Record<string, string | number | boolean | undefined>>): void {
	for (const [name, value] of Object.entries(attributes)) {
		if (value === undefined || value === false) continue;
		element.setAttribute(name, value === true ? "" : String(value));
	}
}

/** A button that says what it does. */
export function button(
	label: string,
	act: () => void,
	attributes: Readonly<Record<string, string | number | boolean | undefined>> = {},
): HTMLButtonElement {
	const element = html("button", { type: "button", ...attributes }, label);
	element.addEventListener("click", act);
	return element;
}
