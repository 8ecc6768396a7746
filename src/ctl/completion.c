/* completion: what a shell offers behind "dialtonectl", made from the rows of the commands. */
#include "ctl_priv.h"

/* The words of a command, then its options. */
static void line_print(const struct command *k, FILE *out)
{
	fputs(k->words, out);
	fputc('|', out);
	arguments_options(k, out);
	fputs("--json --help\n", out);
}

static enum err bash(struct ctl *c, const void *input)
{
	(void)input;
	fputs("# Completion of dialtonectl for bash, from \"dialtonectl completion bash\".\n"
	      "_dialtonectl() {\n"
	      "\tlocal current=${COMP_WORDS[COMP_CWORD]} words='' candidates='' command options "
	      "at\n"
	      "\tfor ((at = 1; at < COMP_CWORD; at++)); do\n"
	      "\t\tcase ${COMP_WORDS[at]} in\n"
	      "\t\t--config) ((at++)) ;;\n"
	      "\t\t-*) ;;\n"
	      "\t\t*) words+=\"${COMP_WORDS[at]} \" ;;\n"
	      "\t\tesac\n"
	      "\tdone\n"
	      "\twhile IFS='|' read -r command options; do\n"
	      "\t\tif [[ $words == \"$command \"* ]]; then\n"
	      "\t\t\tcandidates+=\" $options\"\n"
	      "\t\telif [[ \"$command \" == \"$words\"* ]]; then\n"
	      "\t\t\tcommand=${command#\"$words\"}\n"
	      "\t\t\tcandidates+=\" ${command%% *}\"\n"
	      "\t\tfi\n"
	      "\tdone <<'COMMANDS'\n",
		c->out);
	for (const struct command *const *list = c->commands; *list; list++)
		for (const struct command *k = *list; k->words; k++)
			line_print(k, c->out);
	fputs("COMMANDS\n"
	      "\tmapfile -t COMPREPLY < <(compgen -W \"$candidates\" -- \"$current\" | sort -u)\n"
	      "}\n"
	      "complete -F _dialtonectl dialtonectl\n",
		c->out);
	return ERR_OK;
}

const struct command completion_commands[] = {
	{ "completion bash", NULL, 0, NEEDS_NOTHING, bash,
		"Print what completes commands and options in bash; source it, or put it in "
		"/usr/share/bash-completion/completions/dialtonectl" },
	{ 0 },
};
