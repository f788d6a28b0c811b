#include "bridge/command/control/table.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"
#include "conf/table/shape.h"

struct table {
	const char *heads[TABLE_COLUMNS_MAX];
	bool right[TABLE_COLUMNS_MAX];
	size_t widths[TABLE_COLUMNS_MAX];
	size_t columns, count, capacity;
	char **cells;
};

/* In characters. */
static size_t width_of(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

struct table *table_new(const char *const *heads)
{
	struct table *table = memory_zeroed(1, sizeof(*table));

	for (; heads[table->columns] && table->columns < TABLE_COLUMNS_MAX; table->columns++) {
		const char *head = heads[table->columns];

		table->right[table->columns] = head[0] == '>';
		table->heads[table->columns] = head + (head[0] == '>');
		table->widths[table->columns] = width_of(table->heads[table->columns]);
	}
	return table;
}

void table_free(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table);
}

void table_text(struct table *table, const char *text)
{
	char *cell = memory_text(text, strlen(text));
	size_t column = table->count % table->columns, width;

	shape_make_printable(cell);
	width = width_of(cell);
	if (width > table->widths[column])
		table->widths[column] = width;
	if (table->count == table->capacity) {
		table->capacity = table->capacity ? 2 * table->capacity : 256;
		table->cells = memory_resize(table->cells, table->capacity * sizeof(*table->cells));
	}
	table->cells[table->count++] = cell;
}

void table_number(struct table *table, int64_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, number);
	table_text(table, text);
}

static void print_cell(const struct table *table, size_t column, const char *text, FILE *stream)
{
	int space = (int)(table->widths[column] - width_of(text));
	bool last = column + 1 == table->columns;

	if (table->right[column])
		fprintf(stream, "%*s%s", space, "", text);
	else
		fprintf(stream, "%s%*s", text, last ? 0 : space, "");
	fputs(last ? "\n" : "  ", stream);
}

void table_print(const struct table *table, FILE *stream)
{
	for (size_t c = 0; c < table->columns; c++)
		print_cell(table, c, table->heads[c], stream);
	for (size_t i = 0; i < table->count; i++)
		print_cell(table, i % table->columns, table->cells[i], stream);
}
