#include "conf/read/input.h"

#include <stdlib.h>
#include <string.h>

#include "conf/read/file.h"
#include "conf/table/owned.h"
#include "conf/table/shape.h"

void inputs_init(struct inputs *inputs, const char *folder, struct faults *faults)
{
	*inputs = (struct inputs){ .folder = folder, .faults = faults };
}

void inputs_clear(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->kept_count; i++)
		free(inputs->kept[i]);
	free(inputs->kept);
	*inputs = (struct inputs){ 0 };
}

struct input *inputs_top(struct inputs *inputs)
{
	return inputs->depth ? &inputs->stack[inputs->depth - 1] : NULL;
}

void inputs_pop(struct inputs *inputs)
{
	inputs->depth--;
}

/* Takes text. Returns it. */
static char *keep(struct inputs *inputs, char *text)
{
	if (inputs->kept_count == inputs->kept_capacity) {
		inputs->kept_capacity = inputs->kept_capacity ? 2 * inputs->kept_capacity : 8;
		inputs->kept = owned_resize(inputs->kept, inputs->kept_capacity, sizeof(char *));
	}
	return inputs->kept[inputs->kept_count++] = text;
}

static struct input *push(struct inputs *inputs, const char *text, const char *file)
{
	struct input *input = &inputs->stack[inputs->depth++];

	*input = (struct input){ .at = text, .line = 1, .file = file, .fresh = true };
	return input;
}

void inputs_add_text(struct inputs *inputs, const char *text)
{
	push(inputs, text, NULL);
}

/* Takes why. */
static bool refuse(struct inputs *inputs, const char *path, const char *why)
{
	const struct input *from = inputs_top(inputs);
	const char *shown = shape_printable(path) ? path : "?";

	if (from)
		faults_add(inputs->faults, from->file, from->line,
			   owned_format("cannot include %.200s: %s", shown, why));
	else
		faults_add(inputs->faults, path, 1, owned_format("cannot read this file: %s", why));
	return false;
}

/* Constant; NULL: one more may be included. */
static const char *too_many(const struct inputs *inputs)
{
	if (inputs->depth > INPUT_INCLUDE_MAX)
		return "files are included more than ten deep";
	return inputs->files >= INPUT_FILES_MAX ? "there are more than 256 files" : NULL;
}

static bool under_way(const struct inputs *inputs, const struct stat *about)
{
	for (unsigned i = 0; i < inputs->depth; i++) {
		const struct input *input = &inputs->stack[i];

		if (input->is_file && input->device == about->st_dev &&
		    input->inode == about->st_ino)
			return true;
	}
	return false;
}

static unsigned line_of(const char *text, const char *place)
{
	unsigned line = 1;

	for (; text < place; text++)
		line += *text == '\n';
	return line;
}

/* A text in which other programs put something else than UTF-8. file: its name. */
static bool is_text(struct inputs *inputs, const char *file, const char *text, size_t size)
{
	size_t len = strlen(text);

	if (strncmp(text, "\xff\xfe", 2) == 0 || strncmp(text, "\xfe\xff", 2) == 0)
		faults_add(inputs->faults, file, 1,
			   owned_text("this file is UTF-16: save it as UTF-8"));
	else if (len != size)
		faults_add(inputs->faults, file, line_of(text, text + len),
			   owned_text("this is not a text file: it contains a NUL byte"));
	else
		return true;
	return false;
}

static const char *after_mark(struct inputs *inputs, const char *file, const char *text)
{
	static const char mark[] = "\xef\xbb\xbf";

	if (strncmp(text, mark, sizeof(mark) - 1) != 0)
		return text;
	faults_add(inputs->faults, file, 1,
		   owned_text("this file begins with an invisible byte order mark: save it as "
			      "UTF-8 without one"));
	return text + sizeof(mark) - 1;
}

bool inputs_add_file(struct inputs *inputs, const char *path)
{
	const char *why = too_many(inputs), *file;
	struct stat about;
	struct input *input;
	size_t size;
	char *text;

	if (why)
		return refuse(inputs, path, why);
	if (stat(path, &about) == 0 && under_way(inputs, &about))
		return refuse(inputs, path, "it includes itself, or what includes it");
	text = file_read(path, INPUT_FILE_BYTES_MAX, &size, &about, &why);
	if (!text && inputs->depth && strpbrk(path, "*?[") && stat(path, &about) < 0)
		why = "no file has this name, and patterns are not expanded: include each file";
	if (!text)
		return refuse(inputs, path, why);
	keep(inputs, text);
	inputs->files++;
	inputs->bytes += size;
	if (inputs->bytes > INPUT_BYTES_MAX)
		return refuse(inputs, path, "all files together are too large");
	file = keep(inputs, owned_text(path));
	if (!is_text(inputs, file, text, size))
		return false;
	input = push(inputs, after_mark(inputs, file, text), file);
	input->is_file = true;
	input->device = about.st_dev;
	input->inode = about.st_ino;
	return true;
}
