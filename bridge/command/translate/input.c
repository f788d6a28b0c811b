#include "bridge/command/translate/input.h"

#include <string.h>

#include "codecs/model/envelope.h"
#include "codecs/text/name.h"

static struct slice trimmed(struct slice text)
{
	while (text.len && strchr(" \t\r", text.data[0])) {
		text.data++;
		text.len--;
	}
	while (text.len && strchr(" \t\r", text.data[text.len - 1]))
		text.len--;
	return text;
}

/* Up to where a name ends: at what no prefix has. */
static size_t name_length(struct slice line)
{
	size_t len = 0;

	while (len < line.len && line.data[len] && !strchr(" \t:@\"'{}[],/\\", line.data[len]))
		len++;
	return len <= NAME_BYTES_MAX ? len : 0;
}

/* NAME: or NAME@ROLE: in front of it. False: there is none. */
static bool read_prefix(struct slice *line, struct input *out)
{
	size_t len = name_length(*line), at = len;
	uint32_t role = 0;

	if (len && len < line->len && line->data[len] == '@') {
		struct slice word;

		word = slice_span(line->data + len + 1, line->len - len - 1);
		word.len = name_length(word);
		role = person_role_find(word);
		at += 1 + word.len;
		if (!role)
			return false;
	}
	if (!len || at >= line->len || line->data[at] != ':')
		return false;
	out->name = slice_span(line->data, len);
	out->role = role;
	*line = trimmed(slice_span(line->data + at + 1, line->len - at - 1));
	return true;
}

void input_read(struct slice line, struct input *out)
{
	*out = (struct input){ .kind = INPUT_FRAME };
	line = trimmed(line);
	if (!line.len || line.data[0] == '#') {
		out->kind = INPUT_NOTHING;
		return;
	}
	if (read_prefix(&line, out) && !line.len)
		out->kind = INPUT_ENTERS;
	else if (out->name.data && slice_is(line, "leaves"))
		out->kind = INPUT_LEAVES;
	out->frame = line;
}
