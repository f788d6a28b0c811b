/* reader.h - one run over a parsed file (libconfig's tree): where faults go, and single values. */
#ifndef CONF_READ_READER_H
#define CONF_READ_READER_H

#include "conf/conf.h"
#include "conf/read/faults.h"
#include "conf/table/directives.h"

struct config_setting_t;

/* Made by load.c; everything is borrowed. */
struct reader {
	const char *file, *folder; /* of the text; NULL: it has none */
	const struct conf_known *known;
	const struct section *top; /* of the table made for known */
	struct faults *faults;
	struct config_setting_t *sample;   /* root of the parsed sample: the default lists */
	bool lost;                         /* whole directives may not have been read */
	struct config_setting_t *stand_in; /* where faults of the sample's settings are put */
};

/* Adds a fault at the member of that name in group, or at group when it has none or member is
 * NULL; at the first line when group is NULL. */
void reader_fault(struct reader *reader, struct config_setting_t *group, const char *member,
		  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same for a value of a wrong type: "workers must be a number, not a text". */
void reader_wrong_type(struct reader *reader, struct config_setting_t *setting, const char *name,
		       const char *wanted);

/* Fills place with where setting stands; leaves it zeroed for the sample's settings and NULL. */
void reader_place(const struct reader *reader, const struct config_setting_t *setting,
		  struct conf_place *place);

/* Is this setting one of the sample's own? */
bool reader_in_sample(const struct reader *reader, const struct config_setting_t *setting);

/* "a number", "a group", ...: what a setting is. Constant. */
const char *setting_type(const struct config_setting_t *setting);

/* The folder of credentials; NULL: there is none. Borrows. */
const char *reader_credentials(const struct reader *reader);

/* Are guesses still made? Not any more when there are very many faults. */
bool reader_guesses(const struct reader *reader);

/* The end of a message on an unknown word: ", did you mean 'x'?", or " (known: a, b)" when
 * nothing is near and there are few, or nothing, as always when guesses are made no more.
 * Returns new; free() it. */
char *suggestion(const struct reader *reader, const char *word, const char *const *candidates);

/* Reads the value of one directive into its field. setting NULL: the default. What is wrong is
 * a fault, and the field gets the default. Not for groups. */
void read_value(struct reader *reader, const struct directive *row,
		struct config_setting_t *setting, void *field);

#endif
