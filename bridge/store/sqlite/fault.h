/* fault.h - why the database could not be read or written. */
#ifndef BRIDGE_STORE_SQLITE_FAULT_H
#define BRIDGE_STORE_SQLITE_FAULT_H

#define FAULT_TEXT 200

struct sqlite3;

/* Why something could not be read or written. */
enum fault {
	FAULT_NONE,
	FAULT_FULL,      /* the disk is, or a quota */
	FAULT_READ_ONLY, /* the file, its folder, or where it is mounted */
	FAULT_IO,        /* the disk fails; or it is busy with another process's work */
	FAULT_CORRUPT,   /* the file is damaged */
	FAULT_MOVED,     /* it is not where it was opened: what is written is not found again */
	FAULT_RECORD,    /* what was to be written makes no sense: an id that is there already */
	FAULTS
};

/* "disk full" ...; constant. */
const char *fault_name(enum fault fault);

/* What the last call of the connection failed of. Its thread. */
enum fault fault_now(struct sqlite3 *sqlite);

/* The same in SQLite's words, escaped: they may quote what is in a damaged file. Returns out. */
const char *fault_words(struct sqlite3 *sqlite, char out[FAULT_TEXT]);

#endif
