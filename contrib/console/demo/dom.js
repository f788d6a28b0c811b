// Elements, without a word of HTML in a text: what people write is never anything but text.

export function make(tag, attributes = {}, ...children) {
	const element = document.createElement(tag);

	for (const [name, value] of Object.entries(attributes))
		if (typeof value === "function")
			element.addEventListener(name, value);
		else if (value === true)
			element.setAttribute(name, "");
		else if (value !== undefined && value !== false)
			element.setAttribute(name, value);
	element.append(...children.filter(child => child !== undefined));
	return element;
}

// Changes something in what scrolls, which then is at its end again if it was: unless somebody reads
// further up.
export function keep(scrolls, change) {
	const atEnd = scrolls.scrollHeight - scrolls.scrollTop - scrolls.clientHeight < 40;

	change();
	if (atEnd)
		scrolls.scrollTop = scrolls.scrollHeight;
}

// Adds a line at the end of a list, which keeps the newest.
export function add(scrolls, list, line, most) {
	keep(scrolls, () => {
		list.append(line);
		while (list.childElementCount > most)
			list.firstElementChild.remove();
	});
	return line;
}
