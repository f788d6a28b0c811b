#include "bridge/store/sqlite/fault.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "codecs/text/name.h"

const char *fault_name(enum fault fault)
{
	static const char *const names[FAULTS] = {
		[FAULT_NONE] = "none",
		[FAULT_FULL] = "the disk is full",
		[FAULT_READ_ONLY] = "read-only",
		[FAULT_IO] = "the disk cannot be read or written",
		[FAULT_CORRUPT] = "the file is damaged",
		[FAULT_MOVED] = "the file was moved, removed or replaced",
		[FAULT_RECORD] = "it makes no sense",
	};

	return fault < FAULTS ? names[fault] : "?";
}

static enum fault fault_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_FULL: return FAULT_FULL;
	case SQLITE_READONLY:
	case SQLITE_PERM: return FAULT_READ_ONLY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return FAULT_CORRUPT;
	case SQLITE_CONSTRAINT:
	case SQLITE_TOOBIG:
	case SQLITE_MISMATCH: return FAULT_RECORD;
	case SQLITE_NOMEM: abort();
	default: return FAULT_IO;
	}
}

/* The system's number for what a file of it had last: of the log, or of the database itself. */
static int error_of(sqlite3 *sqlite, int pointer)
{
	sqlite3_file *file = NULL;
	int error = 0;

	if (sqlite3_file_control(sqlite, NULL, pointer, &file) == SQLITE_OK && file &&
	    file->pMethods)
		file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
	return error;
}

/* SQLite has an I/O error for what is no failure of the disk, too. */
enum fault fault_now(struct sqlite3 *sqlite)
{
	enum fault fault = fault_of(sqlite3_extended_errcode(sqlite));
	int error;

	if (fault != FAULT_IO)
		return fault;
	error = error_of(sqlite, SQLITE_FCNTL_JOURNAL_POINTER);
	if (!error)
		error = error_of(sqlite, SQLITE_FCNTL_FILE_POINTER);
	/* Of the log's index, or of a file that could not be opened. */
	if (!error)
		error = sqlite3_system_errno(sqlite);
	if (error == ENOSPC || error == EDQUOT || error == EFBIG)
		return FAULT_FULL;
	return error == EROFS ? FAULT_READ_ONLY : fault;
}

const char *fault_words(struct sqlite3 *sqlite, char out[FAULT_TEXT])
{
	return text_escape(slice_of(sqlite3_errmsg(sqlite)), out, FAULT_TEXT);
}
