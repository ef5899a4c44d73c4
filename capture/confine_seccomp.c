/* seccomp(2), through libseccomp: it knows the numbers of system calls on each machine. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "capture/confine.h"

/* Negative on a machine that has no such call. */
#define CALL(name) SCMP_SYS(name)

/* By which a process gains control of another one, or of the machine. */
static const int DANGEROUS[] = {
  CALL(acct),
  CALL(add_key),
  CALL(adjtimex),
  CALL(bpf),
  CALL(capset),
  CALL(chroot),
  CALL(clock_adjtime),
  CALL(clock_settime),
  CALL(delete_module),
  CALL(execve),
  CALL(execveat),
  CALL(finit_module),
  CALL(fsconfig),
  CALL(fsmount),
  CALL(fsopen),
  CALL(fspick),
  CALL(init_module),
  CALL(io_uring_enter),
  CALL(io_uring_register),
  CALL(io_uring_setup),
  CALL(ioperm),
  CALL(iopl),
  CALL(kcmp),
  CALL(kexec_file_load),
  CALL(kexec_load),
  CALL(keyctl),
  CALL(mknod),
  CALL(mknodat),
  CALL(mount),
  CALL(mount_setattr),
  CALL(move_mount),
  CALL(name_to_handle_at),
  CALL(open_by_handle_at),
  CALL(open_tree),
  CALL(perf_event_open),
  CALL(personality),
  CALL(pidfd_getfd),
  CALL(pivot_root),
  CALL(process_madvise),
  CALL(process_vm_readv),
  CALL(process_vm_writev),
  CALL(ptrace),
  CALL(quotactl),
  CALL(reboot),
  CALL(request_key),
  CALL(setdomainname),
  CALL(setgid),
  CALL(setgroups),
  CALL(sethostname),
  CALL(setns),
  CALL(setresgid),
  CALL(setresuid),
  CALL(setreuid),
  CALL(setuid),
  CALL(settimeofday),
  CALL(swapoff),
  CALL(swapon),
  CALL(umount2),
  CALL(unshare),
  CALL(userfaultfd),
  CALL(vhangup),
};

/* What no parser does, and whoever finds a fault in one would: with it the program ends. */
static const int NOT_PARSING[] = {
  CALL(chmod),
  CALL(chown),
  CALL(clone),
  CALL(clone3),
  CALL(connect),
  CALL(creat),
  CALL(execve),
  CALL(execveat),
  CALL(fchmod),
  CALL(fchmodat),
  CALL(fchown),
  CALL(fchownat),
  CALL(fork),
  CALL(kill),
  CALL(link),
  CALL(linkat),
  CALL(listen),
  CALL(mkdir),
  CALL(mkdirat),
  CALL(mount),
  CALL(openat2),
  CALL(pidfd_open),
  CALL(process_vm_readv),
  CALL(process_vm_writev),
  CALL(ptrace),
  CALL(rename),
  CALL(renameat),
  CALL(renameat2),
  CALL(rmdir),
  CALL(setns),
  CALL(setuid),
  CALL(socket),
  CALL(symlink),
  CALL(symlinkat),
  CALL(truncate),
  CALL(unlink),
  CALL(unlinkat),
  CALL(unshare),
  CALL(vfork),
};

/* What it does: it reads and writes what is open, waits, and has memory. */
static const int PARSING[] = {
  /* files and sockets; an interface that comes back is bound to the one that captures */
  CALL(accept),
  CALL(accept4),
  CALL(bind),
  CALL(close),
  CALL(epoll_ctl),
  CALL(epoll_pwait),
  CALL(epoll_pwait2),
  CALL(epoll_wait),
  CALL(fadvise64),
  CALL(fadvise64_64),
  CALL(fallocate),
  CALL(fcntl),
  CALL(fcntl64),
  CALL(fdatasync),
  CALL(fstat),
  CALL(fstat64),
  CALL(fstatat64),
  CALL(fsync),
  CALL(ftruncate),
  CALL(ftruncate64),
  CALL(getpeername),
  CALL(getsockname),
  CALL(getsockopt),
  CALL(_llseek),
  CALL(lseek),
  CALL(lstat),
  CALL(lstat64),
  CALL(newfstatat),
  CALL(_newselect),
  CALL(poll),
  CALL(ppoll),
  CALL(ppoll_time64),
  CALL(pread64),
  CALL(preadv),
  CALL(pselect6),
  CALL(pselect6_time64),
  CALL(pwrite64),
  CALL(pwritev),
  CALL(read),
  CALL(readv),
  CALL(recv),
  CALL(recvfrom),
  CALL(recvmmsg),
  CALL(recvmsg),
  CALL(select),
  CALL(send),
  CALL(sendmsg),
  CALL(sendto),
  CALL(setsockopt),
  CALL(shutdown),
  CALL(socketcall), /* of machines that have no other; where it is, sockets are not restricted */
  CALL(stat),
  CALL(stat64),
  CALL(statx),
  CALL(write),
  CALL(writev),
  /* memory */
  CALL(brk),
  CALL(madvise),
  CALL(mremap),
  CALL(munmap),
  /* threads, signals, time */
  CALL(clock_getres),
  CALL(clock_getres_time64),
  CALL(clock_gettime),
  CALL(clock_gettime64),
  CALL(clock_nanosleep),
  CALL(clock_nanosleep_time64),
  CALL(exit),
  CALL(exit_group),
  CALL(futex),
  CALL(futex_time64),
  CALL(getcpu),
  CALL(getegid),
  CALL(geteuid),
  CALL(getgid),
  CALL(getpid),
  CALL(getppid),
  CALL(getrandom),
  CALL(gettid),
  CALL(gettimeofday),
  CALL(getuid),
  CALL(membarrier),
  CALL(nanosleep),
  CALL(prlimit64),
  CALL(restart_syscall),
  CALL(rseq),
  CALL(rt_sigaction),
  CALL(rt_sigprocmask),
  CALL(rt_sigreturn),
  CALL(rt_sigtimedwait),
  CALL(sched_getaffinity),
  CALL(sched_yield),
  CALL(set_robust_list),
  CALL(sigaltstack),
  CALL(sigreturn),
  CALL(sysinfo),
  CALL(tgkill),
  CALL(time),
  CALL(uname),
};

/* Of a socket that captures: is its interface there, and what is its number? */
static const unsigned long PARSING_IOCTLS[] = {SIOCGIFFLAGS, SIOCGIFHWADDR, SIOCGIFINDEX};

/* Put words into the input of a terminal. */
static const unsigned long TERMINAL_IOCTLS[] = {TIOCSTI, TIOCLINUX};

static const int NAMESPACES[] = {CLONE_NEWCGROUP, CLONE_NEWIPC,  CLONE_NEWNET, CLONE_NEWNS,
                                 CLONE_NEWPID,    CLONE_NEWUSER, CLONE_NEWUTS};

static void add_rules(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (calls[i] >= 0)
      (void) seccomp_rule_add(filter, action, calls[i], 0);
}

/* libseccomp crashes when memory runs out.  Where there is less than it needs, allocating that much
 * first makes GLib end the program with a message instead. */
static void ask_for_memory(void)
{
  enum { MORE_THAN_A_FILTER = 16 * 1024 * 1024 };

  g_free(g_malloc(MORE_THAN_A_FILTER));
}

static scmp_filter_ctx filter_new(uint32_t otherwise)
{
  enum { BINARY_TREE = 2 };

  ask_for_memory();
  scmp_filter_ctx filter = seccomp_init(otherwise);

  if (filter)
    (void) seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, BINARY_TREE);
  return filter;
}

static void filter_apply(scmp_filter_ctx filter)
{
  (void) seccomp_load(filter); /* see confine.h: else it does without */
  seccomp_release(filter);
}

/* --- The process ------------------------------------------------------------------------------ */

/* Of families, those between which a comparison can tell. */
static void restrict_sockets(scmp_filter_ctx filter, const Confinement *confinement)
{
  uint32_t refuse = SCMP_ACT_ERRNO(EACCES);

  for (unsigned family = AF_UNSPEC; family <= AF_INET6; family++) {
    bool is_ip = family == AF_INET || family == AF_INET6;
    if (!(is_ip && confinement->may_connect) && !(family == AF_UNIX && confinement->may_play))
      (void) seccomp_rule_add(filter, refuse, CALL(socket), 1, SCMP_A0(SCMP_CMP_EQ, family));
  }
  (void) seccomp_rule_add(filter, refuse, CALL(socket), 1, SCMP_A0(SCMP_CMP_GT, AF_INET6));
  if (!confinement->may_connect && !confinement->may_play)
    (void) seccomp_rule_add(filter, refuse, CALL(connect), 0);
  (void) seccomp_rule_add(filter, refuse, CALL(listen), 0);
}

void seccomp_confine_process(const Confinement *confinement)
{
  uint32_t refuse = SCMP_ACT_ERRNO(EPERM);
  scmp_filter_ctx filter = filter_new(SCMP_ACT_ALLOW);

  if (!filter)
    return;
  add_rules(filter, refuse, DANGEROUS, G_N_ELEMENTS(DANGEROUS));
  restrict_sockets(filter, confinement);
  for (size_t i = 0; i < G_N_ELEMENTS(TERMINAL_IOCTLS); i++)
    (void) seccomp_rule_add(filter, refuse, CALL(ioctl), 1,
                            SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, TERMINAL_IOCTLS[i]));
  /* threads, but no namespaces; what is asked of clone3 cannot be seen, so that libc uses clone */
  (void) seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), CALL(clone3), 0);
  for (size_t i = 0; i < G_N_ELEMENTS(NAMESPACES); i++)
    (void) seccomp_rule_add(
      filter, refuse, CALL(clone), 1,
      SCMP_A0(SCMP_CMP_MASKED_EQ, (scmp_datum_t) NAMESPACES[i], (scmp_datum_t) NAMESPACES[i]));
  filter_apply(filter);
}

/* --- The parser ------------------------------------------------------------------------------- */

/* To read, it is only refused: libraries look into files of the system on their own (malloc when it
 * gives memory back, GLib for the text of an error), and do without. */
static void restrict_opening(scmp_filter_ctx filter, int call, unsigned flags)
{
  static const int OTHERWISE[] = {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC};
  const scmp_datum_t any = O_ACCMODE | O_CREAT | O_TRUNC;

  (void) seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), call, 1,
                          SCMP_CMP(flags, SCMP_CMP_MASKED_EQ, any, O_RDONLY));
  for (size_t i = 0; i < G_N_ELEMENTS(OTHERWISE); i++)
    (void) seccomp_rule_add(filter, SCMP_ACT_TRAP, call, 1,
                            SCMP_CMP(flags, SCMP_CMP_MASKED_EQ, (scmp_datum_t) OTHERWISE[i],
                                     (scmp_datum_t) OTHERWISE[i]));
}

/* Memory with new code in it. */
static void allow_memory(scmp_filter_ctx filter, int call)
{
  (void) seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
                          SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

/* What is in no list fails as if the kernel did not know it, so that a newer libc does without. */
void seccomp_confine_parser(void)
{
  scmp_filter_ctx filter = filter_new(SCMP_ACT_ERRNO(ENOSYS));

  if (!filter)
    return;
  add_rules(filter, SCMP_ACT_ALLOW, PARSING, G_N_ELEMENTS(PARSING));
  add_rules(filter, SCMP_ACT_TRAP, NOT_PARSING, G_N_ELEMENTS(NOT_PARSING));
  restrict_opening(filter, CALL(open), 1);
  restrict_opening(filter, CALL(openat), 2);
  allow_memory(filter, CALL(mmap));
  allow_memory(filter, CALL(mmap2));
  allow_memory(filter, CALL(mprotect));
  for (size_t i = 0; i < G_N_ELEMENTS(PARSING_IOCTLS); i++)
    (void) seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(ioctl), 1,
                            SCMP_A1(SCMP_CMP_EQ, PARSING_IOCTLS[i]));
  (void) seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(prctl), 1,
                          SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
  filter_apply(filter);
}

bool seccomp_is_there(void)
{
  return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}
