#include "conf/load.h"

#include <errno.h>
#include <libconfig.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/check/resolve.h"
#include "conf/check/warnings.h"
#include "conf/read/faults.h"
#include "conf/read/lexer.h"
#include "conf/read/marks.h"
#include "conf/read/parse.h"
#include "conf/read/read.h"
#include "conf/table/directives.h"
#include "conf/table/owned.h"
#include "conf/table/sample.h"

/* The sample is what a file that leaves everything out means. */
static void parse_sample(const struct conf_known *known, config_t *tree)
{
	struct faults faults = { 0 };
	struct lexer lexer;
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		abort();
	conf_print_sample(known, stream);
	if (fclose(stream) != 0)
		abort();
	lexer_init(&lexer, NULL, &faults);
	inputs_add_text(&lexer.inputs, text);
	parse(&lexer, tree);
	if (faults.count > 0)
		abort();
	lexer_clear(&lexer);
	free(text);
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
	reader->lost = setting_has(config_root_setting(tree), MARK_LOST);
	conf->known = reader->known;
	reader->top = directives_make(&table, reader->known);
	read_section(reader, reader->top, config_root_setting(tree), conf);
	resolve(reader, config_root_setting(tree), conf);
	conf->given = (size_t)config_setting_length(config_root_setting(tree));
	conf->gives_listeners = config_lookup(tree, "listeners") != NULL;
	if (reader->faults->count == 0)
		warnings_make(reader, config_root_setting(tree), conf);
	config_destroy(&sample);
	reader->top = NULL;
	conf->file = reader->file ? owned_text(reader->file) : NULL;
	return conf;
}

/* Reads what was added to the lexer. Returns new, or NULL; all errors are told. */
static struct conf *conf_make(struct lexer *lexer, struct reader *reader,
			      struct conf_report *report)
{
	struct conf *conf;
	config_t tree;

	config_init(&tree);
	parse(lexer, &tree);
	conf = read_tree(reader, &tree);
	config_destroy(&tree);
	if (reader->faults->count > 0) {
		conf_free(conf);
		conf = NULL;
	}
	faults_tell(reader->faults, report);
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

struct conf *conf_load(const char *path, const struct conf_known *known, struct conf_report *report)
{
	struct faults faults = { .main_file = path };
	struct reader reader = { .file = path, .known = known, .faults = &faults };
	struct conf *conf = NULL;
	char *folder = folder_of(path);
	struct lexer lexer;

	reader.folder = folder;
	lexer_init(&lexer, folder, &faults);
	if (inputs_add_file(&lexer.inputs, path))
		conf = conf_make(&lexer, &reader, report);
	else
		faults_tell(&faults, report);
	lexer_clear(&lexer);
	faults_clear(&faults);
	free(folder);
	return conf;
}

struct conf *conf_parse(const char *text, const struct conf_known *known,
			struct conf_report *report)
{
	struct faults faults = { 0 };
	struct reader reader = { .known = known, .faults = &faults };
	struct lexer lexer;
	struct conf *conf;

	lexer_init(&lexer, NULL, &faults);
	inputs_add_text(&lexer.inputs, text);
	conf = conf_make(&lexer, &reader, report);
	lexer_clear(&lexer);
	faults_clear(&faults);
	return conf;
}

static char *control_in(config_t *tree, const char *folder)
{
	const char *text;

	if (!config_lookup_string(tree, "control", &text) || strcmp(text, CONF_CONTROL_AUTO) == 0)
		return owned_text(CONF_CONTROL_AUTO);
	return owned_path(folder, text);
}

char *conf_control(const char *path)
{
	struct faults faults = { .main_file = path };
	char *folder = folder_of(path), *control = NULL;
	struct lexer lexer;
	config_t tree;
	int error = 0;

	config_init(&tree);
	lexer_init(&lexer, folder, &faults);
	if (access(path, R_OK) == 0 && inputs_add_file(&lexer.inputs, path)) {
		parse(&lexer, &tree);
		control = control_in(&tree, folder);
	} else {
		error = errno ? errno : EINVAL;
	}
	lexer_clear(&lexer);
	faults_clear(&faults);
	config_destroy(&tree);
	free(folder);
	errno = error;
	return control;
}

void conf_free(struct conf *conf)
{
	struct directives table;

	if (!conf)
		return;
	section_free(directives_make(&table, conf->known), conf);
	warnings_free(conf);
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
