// The address of a rule's page.

const PAGES = "https://github.com/might-sleep/might-sleep/blob/main/docs/rules";

export function ruleHref(rule: string): string {
	return `${PAGES}/${rule}.md`;
}
