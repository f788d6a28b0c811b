#include "conf/table/differ.h"

#include <stdio.h>
#include <string.h>

#include "conf/table/directives.h"

#define DIRECTIVE_PATH_MAX 160

struct differ {
	void (*tell)(void *context, const char *directive);
	void *context;
};

static bool same_lists(const struct conf_list *a, const struct conf_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

static bool same_sections(const struct section *section, const char *a, const char *b, bool all);

static bool same_groups(const struct directive *row, const char *a, const char *b, bool all)
{
	const char *left, *right;
	size_t count, other;

	memcpy(&count, a + row->count_offset, sizeof(count));
	memcpy(&other, b + row->count_offset, sizeof(other));
	memcpy(&left, a + row->offset, sizeof(left));
	memcpy(&right, b + row->offset, sizeof(right));
	if (count != other)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!same_sections(row->inner, left + i * row->inner->size,
				   right + i * row->inner->size, all))
			return false;
	return true;
}

/* a and b: the structs that the field lies in. all: what a reload takes over is compared, too. */
static bool same_fields(const struct directive *row, const char *a, const char *b, bool all)
{
	const void *x = a + row->offset, *y = b + row->offset;

	switch (row->type) {
	case DIRECTIVE_YES_NO: return *(const bool *)x == *(const bool *)y;
	case DIRECTIVE_NUMBER: return *(const int *)x == *(const int *)y;
	case DIRECTIVE_LARGE: return *(const int64_t *)x == *(const int64_t *)y;
	case DIRECTIVE_TEXT: return strcmp(*(char *const *)x, *(char *const *)y) == 0;
	case DIRECTIVE_TEXTS: return same_lists(x, y);
	case DIRECTIVE_GROUP: return same_sections(row->inner, x, y, all);
	case DIRECTIVE_GROUPS: return same_groups(row, a, b, all);
	}
	return false;
}

static bool same_sections(const struct section *section, const char *a, const char *b, bool all)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct directive *row = &section->directives[i];

		if ((all || !row->reloadable) && !same_fields(row, a, b, all))
			return false;
	}
	return true;
}

/* path: of the groups around, each with a dot at its end. */
static void differ_section(const struct differ *differ, const struct section *section,
			   const char *path, const char *a, const char *b)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct directive *row = &section->directives[i];
		char name[DIRECTIVE_PATH_MAX];

		if (row->reloadable)
			continue;
		if (row->type == DIRECTIVE_GROUP) {
			snprintf(name, sizeof(name), "%s%s.", path, row->name);
			differ_section(differ, row->inner, name, a + row->offset, b + row->offset);
		} else if (!same_fields(row, a, b, false)) {
			snprintf(name, sizeof(name), "%s%s", path, row->name);
			differ->tell(differ->context, name);
		}
	}
}

void conf_differ(const struct conf *old, const struct conf *new,
		 void (*tell)(void *context, const char *directive), void *context)
{
	struct differ differ = { tell, context };
	struct directives table;

	differ_section(&differ, directives_make(&table, old->known), "", (const char *)old,
		       (const char *)new);
}

bool conf_same_room(const struct conf_known *known, const struct conf_room *a,
		    const struct conf_room *b)
{
	struct directives table;

	(void)directives_make(&table, known);
	return same_sections(&table.room, (const char *)a, (const char *)b, true);
}
