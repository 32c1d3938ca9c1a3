/* Runs CPython after the kernel was told to kill this process as soon as it makes a page executable:
   no_jit PYTHON.wasm PROGRAM.py */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#define X32_BIT 0x40000000

/* The lower half of argument 2, which is the protection in all three calls. */
#define PROTECTION offsetof(struct seccomp_data, args[2])

static void forbid_executable_pages(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#if defined(__x86_64__)
        /* The same calls have second numbers here, those of x32, which nothing of ours makes. */
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
#endif
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pkey_mprotect, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PROTECTION),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static void *page_with(int protection)
{
    return mmap(NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void map_executable(void) { page_with(PROT_READ | PROT_EXEC); }

static void make_executable(void) { mprotect(page_with(PROT_READ), 4096, PROT_READ | PROT_EXEC); }

static void make_executable_with_a_key(void)
{
    syscall(SYS_pkey_mprotect, page_with(PROT_READ), 4096, PROT_READ | PROT_EXEC, -1);
}

#if defined(__x86_64__)
static void map_executable_as_x32(void)
{
    syscall(X32_BIT | SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
#endif

/* The filter kills: a child that makes a page executable does not come back. */
static void try_the_filter(void)
{
    void (*const ways[])(void) = {
        map_executable,
        make_executable,
        make_executable_with_a_key,
#if defined(__x86_64__)
        map_executable_as_x32,
#endif
    };
    for (size_t way = 0; way < sizeof ways / sizeof ways[0]; way++) {
        int status = 0;
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            ways[way]();
            _exit(0);
        }
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
    }
}

static uint8_t *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    CHECK(fseek(file, 0, SEEK_END) == 0);
    *len = (size_t) ftell(file);
    rewind(file);
    uint8_t *data = malloc(*len + 1);
    CHECK(data != NULL && fread(data, 1, *len, file) == *len);
    fclose(file);
    return data;
}

int main(int argc, char **argv)
{
    CHECK(argc == 3);
    forbid_executable_pages();
    try_the_filter();
    size_t wasm_len = 0, program_len = 0;
    uint8_t *wasm = read_file(argv[1], &wasm_len), *program = read_file(argv[2], &program_len);
    stepwell_tree *tree = NULL;
    OK(stepwell_tree_new(&tree, &error));
    OK(stepwell_tree_write(tree, "hello.py", program, program_len, &error));
    stepwell_process_builder *builder = builder_of(wasm, wasm_len);
    OK(stepwell_process_builder_mount_tree(builder, "/", tree, false, &error));
    OK(stepwell_process_builder_arg(builder, "python", &error));
    OK(stepwell_process_builder_arg(builder, "/hello.py", &error));
    stepwell_process *process = spawn(builder);
    CHECK(run(process, UINT64_MAX) == STEPWELL_STATE_EXITED);
    CHECK(exit_code(process) == 0);
    stepwell_bytes *output = stdout_of(process);
    fwrite(stepwell_bytes_data(output), 1, stepwell_bytes_len(output), stdout);
    stepwell_bytes_free(output);
    stepwell_process_free(process);
    stepwell_tree_free(tree);
    free(program);
    free(wasm);
    return 0;
}
