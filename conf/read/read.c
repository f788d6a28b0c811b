#include "conf/read/read.h"

#include <libconfig.h>
#include <stdlib.h>
#include <string.h>

#include "conf/read/marks.h"
#include "conf/read/nearest.h"
#include "conf/table/owned.h"

static void *field_at(void *fields, size_t offset)
{
	return (char *)fields + offset;
}

struct config_setting_t *read_groups(struct reader *reader, struct config_setting_t *group,
				     const char *name)
{
	struct config_setting_t *found =
	    group && config_setting_is_group(group) ? config_setting_get_member(group, name) : NULL;
	struct config_setting_t *listeners;

	if (found || !reader->sample)
		return found && config_setting_is_list(found) ? found : NULL;
	if (strcmp(name, "mounts") != 0)
		return config_setting_get_member(reader->sample, name);
	listeners = config_setting_get_member(reader->sample, "listeners");
	return config_setting_get_member(config_setting_get_elem(listeners, 0), name);
}

static void read_list(struct reader *reader, const struct directive *row,
		      struct config_setting_t *group, void *fields)
{
	struct config_setting_t *given = group ? config_setting_get_member(group, row->name) : NULL;
	struct config_setting_t *list = read_groups(reader, group, row->name);
	struct config_setting_t *outer = reader->stand_in;
	char range[DIRECTIVE_TEXT_MAX];
	int length = list ? config_setting_length(list) : 0;
	char *structs;

	if (given && !list && !setting_has(given, MARK_BAD))
		reader_wrong_type(reader, given, row->name,
				  "a list of groups: ( { ... }, { ... } )");
	else if (list && (length < row->min || length > row->max))
		reader_fault(reader, list, NULL, "%s has %d items, out of range (%s)", row->name,
			     length, directive_range(row, range));
	if (length < row->min || length > row->max)
		return;
	if (!given && !reader_in_sample(reader, group))
		reader->stand_in = group;
	structs = owned_zeroed((size_t)length, row->inner->size);
	for (int i = 0; i < length; i++) {
		struct config_setting_t *item = config_setting_get_elem(list, (unsigned)i);

		if (!config_setting_is_group(item) && !setting_has(item, MARK_BAD))
			reader_fault(reader, item, NULL, "%s must be a group { ... }, not %s",
				     row->inner->title, setting_type(item));
		read_section(reader, row->inner, config_setting_is_group(item) ? item : NULL,
			     structs + (size_t)i * row->inner->size);
	}
	reader->stand_in = outer;
	memcpy(field_at(fields, row->offset), &structs, sizeof(structs));
	*(size_t *)field_at(fields, row->count_offset) = (size_t)length;
}

static void read_field(struct reader *reader, const struct directive *row,
		       struct config_setting_t *group, void *fields)
{
	struct config_setting_t *setting =
	    group ? config_setting_get_member(group, row->name) : NULL;
	void *field = field_at(fields, row->offset);

	if (row->required && group && !setting && !setting_has(group, MARK_LOST))
		reader_fault(reader, group, NULL, "%s is missing", row->name);
	switch (row->type) {
	case DIRECTIVE_YES_NO:
	case DIRECTIVE_NUMBER:
	case DIRECTIVE_LARGE:
	case DIRECTIVE_TEXT:
	case DIRECTIVE_TEXTS: read_value(reader, row, setting, field); break;
	case DIRECTIVE_GROUPS: read_list(reader, row, group, fields); break;
	case DIRECTIVE_GROUP:
		if (setting && !config_setting_is_group(setting)) {
			if (!setting_has(setting, MARK_BAD))
				reader_wrong_type(reader, setting, row->name, "a group { ... }");
			setting = NULL;
		}
		read_section(reader, row->inner, setting, field);
		break;
	}
}

/* The first section below outer that has a directive of that name, or NULL. */
static const struct section *owner_of(const struct section *outer, const char *name)
{
	const struct section *found = NULL;

	if (section_find(outer, name))
		return outer;
	for (size_t i = 0; i < outer->count && !found; i++)
		if (outer->directives[i].inner)
			found = owner_of(outer->directives[i].inner, name);
	return found;
}

/* A misspelt directive is read as what it is surely meant for: so what it says is known, and what
 * is wrong in it is told as well. */
static void rename_setting(struct config_setting_t *setting, const char *name)
{
	if (config_setting_get_member(config_setting_parent(setting), name))
		return;
	free(setting->name);
	setting->name = owned_text(name);
}

static void unknown_directive(struct reader *reader, const struct section *section,
			      struct config_setting_t *setting)
{
	const char **names = owned_zeroed(section->count + 1, sizeof(*names));
	const struct section *owner = owner_of(reader->top, setting->name);
	const char *nearest = NULL;

	for (size_t i = 0; i < section->count; i++)
		names[i] = section->directives[i].name;
	if (reader_guesses(reader))
		nearest = conf_nearest(setting->name, names);
	if (nearest)
		reader_fault(reader, setting, NULL,
			     "unknown directive '%s' in %s, did you mean '%s'?", setting->name,
			     section->title, nearest);
	else if (owner)
		reader_fault(reader, setting, NULL,
			     "unknown directive '%s' in %s: it belongs in %s", setting->name,
			     section->title, owner->title);
	else
		reader_fault(reader, setting, NULL, "unknown directive '%s' in %s", setting->name,
			     section->title);
	if (nearest)
		rename_setting(setting, nearest);
	free(names);
}

void read_section(struct reader *reader, const struct section *section,
		  struct config_setting_t *group, void *fields)
{
	int length = group ? config_setting_length(group) : 0;

	for (int i = 0; i < length; i++) {
		struct config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);

		if (!section_find(section, setting->name))
			unknown_directive(reader, section, setting);
	}
	for (size_t i = 0; i < section->count; i++)
		read_field(reader, &section->directives[i], group, fields);
	if (section->placed)
		reader_place(reader, group, field_at(fields, section->place_offset));
}

static void free_groups(const struct directive *row, void *fields)
{
	size_t count = *(size_t *)field_at(fields, row->count_offset);
	char *structs;

	memcpy(&structs, field_at(fields, row->offset), sizeof(structs));
	for (size_t i = 0; i < count; i++)
		section_free(row->inner, structs + i * row->inner->size);
	free(structs);
}

static void place_free(const struct section *section, void *fields)
{
	struct conf_place *place = field_at(fields, section->place_offset);

	if (section->placed)
		free(place->file);
}

void section_free(const struct section *section, void *fields)
{
	place_free(section, fields);
	for (size_t i = 0; i < section->count; i++) {
		const struct directive *row = &section->directives[i];
		void *field = field_at(fields, row->offset);
		struct conf_list *list = field;

		switch (row->type) {
		case DIRECTIVE_YES_NO:
		case DIRECTIVE_NUMBER:
		case DIRECTIVE_LARGE: break;
		case DIRECTIVE_TEXT: free(*(char **)field); break;
		case DIRECTIVE_TEXTS:
			for (size_t item = 0; item < list->count; item++)
				free(list->items[item]);
			free(list->items);
			break;
		case DIRECTIVE_GROUP: section_free(row->inner, field); break;
		case DIRECTIVE_GROUPS: free_groups(row, fields); break;
		}
	}
}
