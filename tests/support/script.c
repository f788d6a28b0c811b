#include "tests/support/script.h"

#include <stdio.h>
#include <stdlib.h>

#include "codecs/text/memory.h"

bool script_open(struct script *script, const char *path)
{
	FILE *file = fopen(path, "r");
	size_t len;

	*script = (struct script){ .path = path };
	if (!file)
		return false;
	script->text = memory_new(1 << 20);
	len = fread(script->text, 1, (1 << 20) - 1, file);
	script->text[len] = '\0';
	fclose(file);
	script_rewind(script);
	return true;
}

void script_close(struct script *script)
{
	free(script->text);
	free(script->statement);
	*script = (struct script){ 0 };
}

void script_rewind(struct script *script)
{
	script->at = script->text;
	script->line = 0;
	script->next_line = 1;
}

static struct slice line_take(struct script *script)
{
	size_t len = strcspn(script->at, "\n");
	struct slice line = slice_span(script->at, len);

	script->at += len + (script->at[len] == '\n');
	script->next_line++;
	return line;
}

static struct slice trim(struct slice text)
{
	while (text.len && (text.data[0] == ' ' || text.data[0] == '\t'))
		text = slice_span(text.data + 1, text.len - 1);
	while (text.len && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
		text.len--;
	return text;
}

static size_t add(struct script *script, size_t len, struct slice more)
{
	script->statement = memory_resize(script->statement, len + more.len + 1);
	memcpy(script->statement + len, more.data, more.len);
	return len + more.len;
}

bool script_next(struct script *script, struct slice *statement)
{
	size_t len = 0;

	while (*script->at) {
		unsigned number = script->next_line;
		struct slice line = line_take(script);

		if (trim(line).len == 0 || line.data[0] == '#')
			continue;
		script->line = number;
		len = add(script, 0, trim(line));
		while (*script->at == ' ' || *script->at == '\t')
			len = add(script, len, trim(line_take(script)));
		*statement = slice_span(script->statement, len);
		return true;
	}
	return false;
}

char *script_block(struct script *script)
{
	char *start = script->at;

	while (*script->at) {
		char *here = script->at;

		if (slice_is(trim(line_take(script)), ">>>"))
			return memory_text(start, (size_t)(here - start));
	}
	return memory_text(start, strlen(start));
}

struct slice script_word(struct slice *rest)
{
	struct slice text = trim(*rest);
	size_t len = 0;

	while (len < text.len && text.data[len] != ' ' && text.data[len] != '\t')
		len++;
	*rest = trim(slice_span(text.data + len, text.len - len));
	return len ? slice_span(text.data, len) : (struct slice){ NULL, 0 };
}
