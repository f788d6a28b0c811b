/* completion.h - what a shell needs to complete dragoman's command line, made of the tables of
 * commands and options (arguments.h): a new row is completed at once. */
#ifndef BRIDGE_COMMAND_COMPLETION_H
#define BRIDGE_COMMAND_COMPLETION_H

#include <stdio.h>

/* Print a script for the shell. Called by main(), for 'dragoman completion'. */
void completion_print_bash(FILE *stream);
void completion_print_zsh(FILE *stream);

#endif
