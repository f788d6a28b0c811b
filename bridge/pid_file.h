/* pid_file.h - the file that says which process serves a configuration, for `dragoman reload`. */
#ifndef BRIDGE_PID_FILE_H
#define BRIDGE_PID_FILE_H

#include <stdbool.h>
#include <stdio.h>

/* The server that holds that pid_file: its process number; 0 when none does, whatever the file
 * says. */
long pid_file_read(const char *path);

/* Writes this process's number, and holds the file until pid_file_remove() or the process's end;
 * false when another process holds it, or it cannot be written (said to errors). One at a time. */
bool pid_file_write(const char *path, FILE *errors) __attribute__((warn_unused_result));

/* Removes the file that pid_file_write() wrote; else does nothing. */
void pid_file_remove(const char *path);

#endif
