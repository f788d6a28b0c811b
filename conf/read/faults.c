#include "conf/read/faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/table/owned.h"
#include "conf/table/shape.h"

static bool same_file(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

void faults_add(struct faults *faults, const char *file, unsigned line, char *message)
{
	if (faults->count == faults->capacity) {
		faults->capacity = faults->capacity ? 2 * faults->capacity : 8;
		faults->list = owned_resize(faults->list, faults->capacity, sizeof(*faults->list));
	}
	shape_make_printable(message);
	faults->list[faults->count] = (struct fault){
		.file = file ? owned_text(file) : NULL,
		.line = line ? line : 1,
		.order = faults->count,
		.message = message,
	};
	faults->count++;
}

static int compare(const void *left, const void *right, void *main_file)
{
	const struct fault *a = left, *b = right;

	if (!same_file(a->file, b->file)) {
		if (same_file(a->file, main_file))
			return -1;
		if (same_file(b->file, main_file))
			return 1;
		return strcmp(a->file ? a->file : "", b->file ? b->file : "");
	}
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static void tell(struct conf_report *report, const struct fault *fault, const char *message)
{
	report->errors++;
	report->error(report, fault->file, fault->line, message);
}

void faults_tell(struct faults *faults, struct conf_report *report)
{
	char more[64];

	if (faults->count > 1)
		qsort_r(faults->list, faults->count, sizeof(*faults->list), compare,
			(void *)faults->main_file);
	for (size_t i = 0; i < faults->count && i < FAULTS_TOLD_MAX; i++)
		tell(report, &faults->list[i], faults->list[i].message);
	if (faults->count <= FAULTS_TOLD_MAX)
		return;
	snprintf(more, sizeof(more), "too many errors: %zu more are not shown",
		 faults->count - FAULTS_TOLD_MAX);
	tell(report, &faults->list[FAULTS_TOLD_MAX], more);
}

void faults_clear(struct faults *faults)
{
	for (size_t i = 0; i < faults->count; i++) {
		free(faults->list[i].file);
		free(faults->list[i].message);
	}
	free(faults->list);
	*faults = (struct faults){ 0 };
}
