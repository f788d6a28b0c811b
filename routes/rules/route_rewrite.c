#include "routes/rules/route_rewrite.h"

#include <string.h>

#include "codecs/text/memory.h"
#include "codecs/text/name.h"

/* What the word in braces at the start of text stands for, and how long it is with them. */
static bool placeholder(struct slice text, const struct envelope *event, struct slice *value,
			size_t *len)
{
	const struct {
		const char *word;
		struct slice value;
	} words[] = { { "{text}", event->text },
		      { "{name}", event->author.name },
		      { "{dialect}", event->origin.dialect },
		      { "{room}", event->room } };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!slice_starts_with(text, words[i].word))
			continue;
		*value = words[i].value;
		*len = strlen(words[i].word);
		return true;
	}
	return false;
}

/* Writes at most size bytes of the whole to out. Returns how long the whole is. */
static size_t fill_in(struct slice template, const struct envelope *event, char *out, size_t size)
{
	size_t whole = 0;

	while (template.len) {
		struct slice piece = { template.data, 1 };
		size_t used = 1, fits;

		if (template.data[0] != '{' || !placeholder(template, event, &piece, &used)) {
			while (used < template.len && template.data[used] != '{')
				used++;
			piece.len = used;
		}
		fits = whole < size ? size - whole : 0;
		if (piece.len < fits)
			fits = piece.len;
		if (fits)
			memcpy(out + whole, piece.data, fits);
		whole += piece.len;
		template = slice_span(template.data + used, template.len - used);
	}
	return whole;
}

char *route_rewrite_text(struct slice template, const struct envelope *event, size_t max,
			 size_t *len)
{
	size_t whole = fill_in(template, event, NULL, 0);
	/* One byte more than fits shows whether a character ends before it. */
	size_t size = whole > max ? max + 1 : whole;
	char *text = memory_new(size);

	(void)fill_in(template, event, text, size);
	*len = text_clip(slice_span(text, size), max).len;
	return text;
}
