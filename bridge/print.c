#include "bridge/print.h"

#include <stdlib.h>

#include "bridge/core/log/log.h"
#include "bridge/core/log/output.h"

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
