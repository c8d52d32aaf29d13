/* SPDX-License-Identifier: MIT */
#include "lib/daemon/flags.h"

#include "lib/base/text.h"
#include "lib/daemon/ops.h"

#define REPORT_MAX_BYTES (256 * 1024)
#define OPS_PORT_DEFAULT 9100

static void print_commands(const struct daemon_program *program)
{
    for (size_t i = 0; i < program->command_count; i++) {
        const struct daemon_command *command = &program->commands[i];
        printf("%s  %s%s%s\n      %s\n", i == 0 ? "Commands, instead of serving:\n" : "",
               command->name, *command->arguments ? " " : "", command->arguments, command->help);
    }
    printf("%s", program->command_count > 0 ? "\n" : "");
}

static int print_help(const struct daemon_program *program)
{
    AUTO_BUFFER(settings, REPORT_MAX_BYTES);
    config_help(program->settings, program->settings_count, &settings);
    printf("ttb-%s: %s\n\n"
           "  --check-config     read the settings, list what is wrong, and exit\n"
           "  --print-config     print the settings, secrets masked, and exit\n"
           "  --markdown-config  print the settings as a Markdown table, and exit\n"
           "  --migrate-only     bring the database schema up to date, and exit\n"
           "  --health           say what the running daemon's /readyz says; exit with 0 when it "
           "is ready\n"
           "  --version          print the version, and exit\n\n",
           program->name, program->description);
    print_commands(program);
    printf("Settings, from the environment:\n%s", buffer_text(&settings));
    return EXIT_SUCCESS;
}

static int print_markdown(const struct daemon_program *program)
{
    AUTO_BUFFER(table, REPORT_MAX_BYTES);
    config_markdown(program->settings, program->settings_count, &table);
    printf("%s", buffer_text(&table));
    return EXIT_SUCCESS;
}

static int print_version(const struct daemon_program *program)
{
    printf("ttb-%s %s\n", program->name, TTB_VERSION);
    return EXIT_SUCCESS;
}

/* Works without the secrets that the running daemon was given. */
static int check_health(const struct daemon_program *program)
{
    (void)program;
    const char *host = getenv("OPS_HOST");
    const char *port = getenv("OPS_PORT");
    int64_t number = OPS_PORT_DEFAULT;
    if (port && !text_parse_int(port, 1, 65535, &number))
        return EXIT_USAGE;
    AUTO_BUFFER(answer, REPORT_MAX_BYTES);
    bool ready = ops_ask_ready(host ? host : "127.0.0.1", (unsigned)number, &answer);
    puts(answer.size > 0 ? buffer_text(&answer) : "nobody answers at the ops port");
    return ready ? EXIT_SUCCESS : EXIT_FAILURE;
}

bool flags_answer(const struct daemon_program *program, const char *flag, int *ret_code)
{
    static const struct {
        const char *flag;
        int (*answer)(const struct daemon_program *program);
    } answers[] = {
        {"--help", print_help},
        {"--version", print_version},
        {"--markdown-config", print_markdown},
        {"--health", check_health},
    };
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        if (text_equal(flag, answers[i].flag)) {
            *ret_code = answers[i].answer(program);
            return true;
        }
    }
    return false;
}

int flags_print_config(const struct daemon_program *program, const void *config)
{
    AUTO_BUFFER(text, REPORT_MAX_BYTES);
    config_print(program->settings, program->settings_count, config, &text);
    printf("%s", buffer_text(&text));
    return EXIT_SUCCESS;
}

/* Of words between spaces. */
static int count_words(const char *text)
{
    int count = 0;
    for (const char *c = text; *c; c++)
        count += *c != ' ' && (c == text || c[-1] == ' ');
    return count;
}

const struct daemon_command *flags_find_command(const struct daemon_program *program, int argc,
                                                char **argv)
{
    for (size_t i = 0; i < program->command_count; i++) {
        const struct daemon_command *command = &program->commands[i];
        if (!text_equal(argv[1], command->name))
            continue;
        if (argc - 2 == count_words(command->arguments))
            return command;
        fprintf(stderr, "usage: ttb-%s %s%s%s\n", program->name, command->name,
                *command->arguments ? " " : "", command->arguments);
        return NULL;
    }
    fprintf(stderr, "ttb-%s: unknown command %s; see --help\n", program->name, argv[1]);
    return NULL;
}
