#include "bridge/print.h"

#include <stdlib.h>

#include "bridge/core/log/log.h"
#include "bridge/core/log/output.h"
#include "bridge/core/metrics.h"

void print_begin(struct print *print)
{
	print->stream = open_memstream(&print->text, &print->len);
	if (!print->stream)
		abort();
}

void print_end(struct print *print, const char *what)
{
	fclose(print->stream);
	if (!output_print(print->text, print->len))
		log_line(LOG_WARNING, "%s not printed: standard output is not read", what);
	free(print->text);
}

void print_counters(const struct counters *counters, const struct bridge *bridge, const char *what)
{
	struct print print;

	print_begin(&print);
	counters_print(counters, bridge, print.stream);
	print_end(&print, what);
}

void print_sum(const struct counters *sum, void (*say)(const struct counters *, FILE *))
{
	struct print print;

	print_begin(&print);
	say(sum, print.stream);
	print_end(&print, "the last counters are");
}
