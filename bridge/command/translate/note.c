#include "bridge/command/translate/note.h"

#include <stdarg.h>

void report_note_begin(const struct report *report, const char *whose)
{
	fprintf(report->errors, "line %u: %s%s", report->line, whose, *whose ? ": " : "");
}

void report_note(const struct report *report, const char *whose, const char *format, ...)
{
	va_list arguments;

	report_note_begin(report, whose);
	va_start(arguments, format);
	vfprintf(report->errors, format, arguments);
	va_end(arguments);
	fputc('\n', report->errors);
}
