#include "conf/load.h"

#include <libconfig.h>
#include <stdlib.h>
#include <string.h>

#include "conf/check/resolve.h"
#include "conf/read/faults.h"
#include "conf/read/file.h"
#include "conf/read/read.h"
#include "conf/read/scan.h"
#include "conf/table/directives.h"
#include "conf/table/owned.h"
#include "conf/table/sample.h"

/* The sample is what a file that leaves everything out means. */
static void parse_sample(const struct conf_known *known, config_t *tree)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		abort();
	conf_print_sample(known, stream);
	if (fclose(stream) != 0 || !config_read_string(tree, text))
		abort();
	free(text);
}

static void syntax_fault(struct reader *reader, const config_t *tree)
{
	const char *text = config_error_text(tree), *included = config_error_file(tree);
	char *path = included ? owned_path(reader->folder, included) : NULL;
	int line = config_error_line(tree);
	bool vague = text && strcmp(text, "syntax error") == 0;

	faults_add(reader->faults, path ? path : reader->file, line > 0 ? (unsigned)line : 1,
		   owned_format("%s%s", text ? text : "unreadable",
				vague ? " here or at the end of the line before" : ""));
	free(path);
}

static struct conf *read_tree(struct reader *reader, config_t *tree)
{
	struct conf *conf = owned_zeroed(1, sizeof(*conf));
	struct directives table;
	config_t sample;

	config_init(&sample);
	parse_sample(reader->known, &sample);
	reader->sample = config_root_setting(&sample);
	reader->stand_in = config_root_setting(tree);
	reader->scanned = reader->faults->count;
	conf->known = reader->known;
	reader->top = directives_make(&table, reader->known);
	read_section(reader, reader->top, config_root_setting(tree), conf);
	resolve(reader, config_root_setting(tree), conf);
	config_destroy(&sample);
	reader->top = NULL;
	conf->file = reader->file ? owned_text(reader->file) : NULL;
	return conf;
}

/* Returns new, or NULL; all errors are told. */
static struct conf *conf_make(const char *text, struct reader *reader, struct conf_report *report)
{
	struct faults faults = { .main_file = reader->file };
	struct conf *conf = NULL;
	config_t tree;

	reader->faults = &faults;
	config_init(&tree);
	if (reader->folder)
		config_set_include_dir(&tree, reader->folder);
	if (scan_numbers(text, reader->file, reader->folder, &faults)) {
		if (config_read_string(&tree, text))
			conf = read_tree(reader, &tree);
		else
			syntax_fault(reader, &tree);
	}
	config_destroy(&tree);
	if (faults.count > 0) {
		conf_free(conf);
		conf = NULL;
	}
	faults_tell(&faults, report);
	faults_clear(&faults);
	return conf;
}

/* Returns new, or NULL when path names no folder. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return NULL;
	if (slash == path)
		return owned_text("/");
	return owned_format("%.*s", (int)(slash - path), path);
}

static void report_one(struct conf_report *report, const char *file, unsigned line, char *message)
{
	struct faults faults = { .main_file = file };

	faults_add(&faults, file, line, message);
	faults_tell(&faults, report);
	faults_clear(&faults);
}

struct conf *conf_load(const char *path, const struct conf_known *known, struct conf_report *report)
{
	struct reader reader = { .file = path, .known = known };
	struct conf *conf = NULL;
	const char *why;
	size_t size;
	char *text = file_read(path, FILE_BYTES_MAX, &size, NULL, &why);
	char *folder = folder_of(path);

	reader.folder = folder;
	if (!text)
		report_one(report, path, 1, owned_format("cannot read this file: %s", why));
	else if (strlen(text) != size)
		report_one(report, path, 1, owned_text("this is no text: it holds NUL bytes"));
	else
		conf = conf_make(text, &reader, report);
	free(folder);
	free(text);
	return conf;
}

struct conf *conf_parse(const char *text, const struct conf_known *known,
			struct conf_report *report)
{
	struct reader reader = { .known = known };

	return conf_make(text, &reader, report);
}

void conf_free(struct conf *conf)
{
	struct directives table;

	if (!conf)
		return;
	section_free(directives_make(&table, conf->known), conf);
	free(conf->file);
	free(conf);
}

static void print_error(struct conf_report *report, const char *file, unsigned line,
			const char *message)
{
	struct conf_printer *printer = (struct conf_printer *)report;

	fprintf(printer->stream, "%s:%u: error: %s\n", file ? file : "configuration", line,
		message);
}

void conf_printer_init(struct conf_printer *printer, FILE *stream)
{
	*printer = (struct conf_printer){ .report = { .error = print_error }, .stream = stream };
}
