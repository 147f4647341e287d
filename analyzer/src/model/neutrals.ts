// Functions that every context may call and that change nothing about it, although their body looks otherwise:
// it defers, tests what the analysis cannot know, or calls back through pointers into code with rows of its own.
// Each row is the promise of the function's documentation; a function with a clear body needs none.
import { since, until } from "./row.js";
import type { NeutralRow } from "./schema.js";

/** The functions of `names`, separated by blanks. */
const neutral = (source: string, names: string, bounds: Pick<NeutralRow, "versions"> = {}): NeutralRow[] =>
	names.split(" ").map((name) => ({ name, ...bounds, source }));

/** The same, for functions that do something that others tell from their rows. */
const doing = (does: NonNullable<NeutralRow["does"]>, source: string, names: string): NeutralRow[] =>
	neutral(source, names).map((row) => ({ ...row, does }));

/** Waits that run a statement they are given without the lock. */
const unlocking = (names: string): NeutralRow[] =>
	neutral("include/linux/wait.h:__wait_event_lock_irq", names).map((row) => ({ ...row, unlocked: true }));

/** What makes the task one that waits, or runs again: between the two it must not sleep for anything else. */
const tasks = (task: NonNullable<NeutralRow["task"]>, source: string, names: string): NeutralRow[] =>
	neutral(source, names).map((row) => ({ ...row, task }));

const PRINTK = "Documentation/core-api/printk-basics.rst";
const messages: readonly NeutralRow[] = [
	...doing("prints", PRINTK, "printk _printk vprintk vprintk_emit vprintk_default printk_deferred _printk_deferred"),
	...doing("prints", PRINTK, "no_printk dump_stack dump_stack_lvl show_stack show_regs"),
	...doing("prints", PRINTK, "pr_emerg pr_alert pr_crit pr_err pr_warn pr_notice pr_info pr_cont pr_debug pr_devel"),
	...doing("prints", PRINTK, "print_hex_dump print_hex_dump_bytes print_hex_dump_debug"),
	...doing("prints", "include/linux/dev_printk.h", "_dev_printk _dev_emerg _dev_alert _dev_crit _dev_err _dev_warn"),
	...doing(
		"prints",
		"include/linux/dev_printk.h",
		"_dev_notice _dev_info dev_emerg dev_alert dev_crit dev_err dev_warn",
	),
	...doing("prints", "include/linux/dev_printk.h", "dev_notice dev_info dev_dbg dev_vdbg dev_printk dev_printk_emit"),
	...doing("prints", "include/linux/dev_printk.h", "dev_vprintk_emit dev_err_probe"),
	...neutral("include/linux/net.h", "net_ratelimit"),
	...neutral("kernel/printk/printk.c", "console_unblank console_flush_on_panic"),
	...doing("prints", "include/linux/netdevice.h", "netdev_printk netdev_err netdev_warn netdev_info netdev_dbg"),
	...doing("prints", "include/linux/netdevice.h", "netdev_notice netdev_crit netdev_alert netdev_emerg"),
	...doing("prints", "kernel/panic.c", "__warn warn_slowpath_fmt add_taint oops_enter oops_exit"),
	// while a test runs only, which fails by it
	...neutral("include/kunit/test-bug.h", "kunit_fail_current_test __kunit_fail_current_test_impl"),
	...neutral("include/kunit/test.h", "__kunit_do_failed_assertion"),
	...neutral("include/linux/lockdep.h", "lock_acquire lock_release lock_is_held_type lockdep_init_map_type"),
	...neutral("include/linux/lockdep.h", "debug_check_no_locks_freed lockdep_hardirqs_on lockdep_hardirqs_off"),
];

const memory: readonly NeutralRow[] = [
	...neutral("mm/slab_common.c:kfree", "kfree kfree_sensitive kfree_const kfree_bulk kmem_cache_free"),
	...neutral("mm/slab_common.c:kfree", "kmem_cache_free_bulk mempool_free vfree_atomic"),
	...neutral("mm/page_alloc.c:__free_pages", "__free_pages free_pages free_page __free_page free_pages_exact"),
	...neutral("mm/page_alloc.c:__free_pages", "put_page folio_put free_unref_page"),
	...neutral("include/linux/percpu.h", "free_percpu"),
	// they only try the allocator's locks, and so are for every context, NMIs and raw locks included
	...neutral("mm/page_alloc.c", "try_alloc_pages free_pages_nolock alloc_pages_nolock", since(6, 15)),
	...neutral("mm/slub.c", "kmalloc_nolock kmalloc_nolock_noprof kfree_nolock", since(6, 18)),
	...neutral("include/linux/rcupdate.h:kfree_rcu", "kfree_rcu kvfree_rcu kvfree_call_rcu"),
	...neutral("include/linux/xarray.h", "__xa_store __xa_insert __xa_alloc __xa_alloc_cyclic __xa_cmpxchg xas_nomem"),
	...neutral("include/linux/dma-mapping.h", "dma_free_coherent dma_free_attrs dma_map_page_attrs"),
	...neutral("include/linux/dma-mapping.h", "dma_unmap_page_attrs dma_map_single_attrs dma_unmap_single_attrs"),
	...neutral("include/linux/dma-mapping.h", "dma_map_sg_attrs dma_unmap_sg_attrs dma_map_resource"),
	...neutral("include/linux/dma-mapping.h", "dma_unmap_resource dma_sync_single_for_cpu dma_sync_single_for_device"),
	...neutral("include/linux/dma-mapping.h", "dma_sync_sg_for_cpu dma_sync_sg_for_device"),
	...neutral("lib/xarray.c:__xas_nomem", "__xas_nomem"),
	...neutral("include/linux/dmapool.h", "dma_pool_free"),
	...neutral("include/linux/highmem-internal.h", "kmap_local_page kunmap_local kmap_local_folio kmap_local_pfn"),
	...neutral("include/linux/uaccess.h", "__copy_from_user_inatomic __copy_to_user_inatomic copy_from_user_nofault"),
	...neutral("include/linux/uaccess.h", "copy_to_user_nofault copy_from_kernel_nofault copy_to_kernel_nofault"),
	...neutral("include/linux/uaccess.h", "strncpy_from_user_nofault strncpy_from_kernel_nofault copy_from_user_nmi"),
	...neutral("mm/gup.c", "get_user_pages_fast_only"),
	...neutral("mm/memory-failure.c", "memory_failure_queue"),
];

/** Per-CPU page lists and page tables: locked through a pointer that the call itself makes, or on one condition twice. */
const paging: readonly NeutralRow[] = [
	...neutral("mm/page_alloc.c:pcp_spin_trylock", "pcp_spin_lock pcp_spin_trylock pcp_spin_unlock"),
	...neutral("mm/page_alloc.c:pcp_spin_trylock", "pcp_spin_lock_maybe_irqsave pcp_spin_unlock_maybe_irqrestore"),
	...neutral("mm/page_alloc.c:pcp_spin_trylock", "pcp_trylock_prepare pcp_trylock_finish"),
	...neutral("mm/swap.c", "lru_add_drain lru_add_drain_cpu folio_mark_accessed folio_add_lru release_pages"),
	...neutral("mm/swap.c", "__page_cache_release folio_activate"),
	...neutral("mm/folio-compat.c", "mark_page_accessed"),
	...neutral("mm/folio-compat.c", "unlock_page end_page_writeback"),
	...neutral("mm/filemap.c", "folio_unlock folio_end_writeback"),
	...neutral("include/linux/memcontrol.h", "mem_cgroup_trylock_pages mem_cgroup_unlock_pages"),
	...neutral("include/linux/memcontrol.h", "folio_memcg_lock folio_memcg_unlock"),
	...neutral("include/linux/memcontrol.h", "lock_page_memcg unlock_page_memcg", until(6, 4)),
	...neutral("include/linux/mm.h", "pmd_lock pud_lock pte_offset_map pte_unmap get_locked_pte __get_locked_pte"),
	...neutral("include/linux/hugetlb.h", "huge_pte_lock"),
	...neutral("include/linux/huge_mm.h", "pmd_trans_huge_lock pud_trans_huge_lock __pmd_trans_huge_lock"),
	...neutral("include/linux/huge_mm.h", "__pud_trans_huge_lock"),
	...neutral("include/linux/rmap.h", "page_vma_mapped_walk page_vma_mapped_walk_done"),
	...neutral("mm/oom_kill.c", "find_lock_task_mm"),
	...neutral("mm/swapfile.c", "lock_cluster unlock_cluster lock_cluster_or_swap_info", until(6, 11)),
	...neutral("mm/swapfile.c", "unlock_cluster_or_swap_info", until(6, 11)),
	...neutral("lib/scatterlist.c", "sg_miter_start sg_miter_next sg_miter_stop"),
];

const deferral: readonly NeutralRow[] = [
	...doing("defers", "kernel/workqueue.c", "queue_work_on queue_work queue_delayed_work_on queue_delayed_work"),
	...doing("defers", "kernel/workqueue.c", "mod_delayed_work_on mod_delayed_work schedule_work schedule_work_on"),
	...doing("defers", "kernel/workqueue.c", "schedule_delayed_work schedule_delayed_work_on queue_rcu_work"),
	...neutral("kernel/workqueue.c", "cancel_delayed_work"),
	...neutral("kernel/workqueue.c:cancel_work", "cancel_work"),
	...doing("defers", "kernel/kthread.c", "kthread_queue_work kthread_queue_delayed_work kthread_mod_delayed_work"),
	...neutral("kernel/sched/wait.c", "__wake_up __wake_up_sync_key __wake_up_locked __wake_up_locked_key wake_up"),
	...neutral("kernel/sched/wait.c", "wake_up_all wake_up_nr wake_up_poll wake_up_locked wake_up_interruptible"),
	...neutral("kernel/sched/wait.c", "wake_up_interruptible_all wake_up_interruptible_sync"),
	...neutral("kernel/sched/wait.c", "wake_up_interruptible_poll wake_up_interruptible_sync_poll"),
	...neutral("kernel/sched/core.c", "preempt_schedule preempt_schedule_notrace"),
	...neutral("kernel/sched/core.c", "wake_up_process wake_up_state default_wake_function try_to_wake_up"),
	...neutral("kernel/sched/wait_bit.c", "wake_up_bit wake_up_var"),
	...neutral("kernel/sched/completion.c", "complete complete_all try_wait_for_completion completion_done"),
	...neutral("kernel/sched/swait.c", "swake_up_one swake_up_all"),
	...doing("defers", "kernel/time/timer.c", "mod_timer mod_timer_pending add_timer add_timer_on timer_reduce"),
	...neutral("kernel/time/timer.c", "del_timer del_timer_sync try_to_del_timer_sync"),
	...neutral("kernel/time/timer.c", "timer_delete timer_delete_sync timer_shutdown timer_shutdown_sync"),
	...neutral("kernel/time/hrtimer.c", "hrtimer_start hrtimer_start_range_ns hrtimer_cancel hrtimer_try_to_cancel"),
	...neutral("kernel/time/hrtimer.c", "hrtimer_forward hrtimer_restart"),
	...doing("defers", "kernel/rcu/tree.c:call_rcu", "call_rcu call_srcu call_rcu_tasks"),
	...neutral("kernel/rcu/tree.c:call_rcu", "call_rcu_hurry", since(6, 2)),
	...doing("defers", "kernel/irq_work.c", "irq_work_queue irq_work_queue_on"),
	...neutral("kernel/smp.c", "smp_call_function smp_call_function_single smp_call_function_many"),
	...neutral("kernel/smp.c", "smp_call_function_any smp_call_function_single_async on_each_cpu on_each_cpu_mask"),
	...neutral("kernel/smp.c", "on_each_cpu_cond on_each_cpu_cond_mask"),
	...doing(
		"defers",
		"include/linux/interrupt.h",
		"tasklet_schedule tasklet_hi_schedule raise_softirq raise_softirq_irqoff",
	),
	...neutral("include/linux/interrupt.h", "tasklet_disable_nosync tasklet_disable_in_atomic"),
	...neutral("kernel/irq/manage.c", "disable_irq_nosync enable_irq irq_wake_thread synchronize_hardirq"),
	...neutral("kernel/irq/manage.c", "disable_hardirq irq_set_irq_wake irq_set_irqchip_state irq_get_irqchip_state"),
	...neutral("kernel/irq/chip.c", "irq_set_irq_type"),
	...neutral("kernel/irq/irqdesc.c", "generic_handle_irq generic_handle_domain_irq"),
	...neutral("kernel/notifier.c", "atomic_notifier_call_chain"),
	...neutral("fs/file_table.c:fput", "fput"),
	...neutral("kernel/signal.c", "send_sig send_sig_info force_sig kill_fasync"),
];

const references: readonly NeutralRow[] = [
	...neutral("drivers/base/core.c", "get_device put_device"),
	...neutral("lib/kobject.c", "kobject_get kobject_put"),
	...neutral("drivers/of/dynamic.c:of_node_put", "of_node_get of_node_put"),
	...neutral("include/linux/fwnode.h", "fwnode_handle_put fwnode_handle_get"),
	...neutral("kernel/module/main.c", "module_put try_module_get __module_get"),
	...neutral("include/net/sock.h", "sock_put sk_free"),
	...neutral("include/linux/dma-fence.h", "dma_fence_put dma_fence_get dma_fence_signal dma_fence_signal_locked"),
];

/** Downgrades, waits that drop the caller's lock, and the read side of sequence locks. */
const locking: readonly NeutralRow[] = [
	...neutral("include/linux/rwsem.h:downgrade_write", "downgrade_write percpu_is_read_locked"),
	...neutral("kernel/sched/core.c:__cond_resched_lock", "cond_resched_lock cond_resched_rwlock_read"),
	...neutral("kernel/sched/core.c:__cond_resched_lock", "cond_resched_rwlock_write __cond_resched_lock"),
	...neutral("kernel/sched/core.c:__cond_resched_lock", "__cond_resched_rwlock_read __cond_resched_rwlock_write"),
	...neutral("include/linux/wait.h:wait_event_lock_irq", "wait_event_lock_irq"),
	...unlocking("wait_event_lock_irq_cmd wait_event_interruptible_lock_irq_cmd wait_event_cmd wait_event_exclusive_cmd"),
	...neutral("include/linux/wait.h:wait_event_lock_irq", "wait_event_interruptible_lock_irq"),
	...neutral("include/linux/wait.h:wait_event_lock_irq", "wait_event_interruptible_lock_irq_timeout"),
	...neutral("include/linux/wait.h:wait_event_lock_irq", "wait_event_lock_irq_timeout"),
	...neutral("include/linux/wait.h:wait_event_lock_irq", "wait_event_interruptible_locked"),
	...neutral("include/linux/wait.h:wait_event_lock_irq", "wait_event_interruptible_locked_irq"),
	...neutral("include/linux/wait.h:wait_event_lock_irq", "wait_event_interruptible_exclusive_locked"),
	...neutral("include/linux/wait.h:wait_event_lock_irq", "wait_event_interruptible_exclusive_locked_irq"),
	...neutral("include/linux/seqlock.h", "read_seqbegin read_seqretry read_seqbegin_or_lock"),
	...neutral("include/linux/seqlock.h", "read_seqbegin_or_lock_irqsave need_seqretry done_seqretry"),
	...neutral("include/linux/seqlock.h", "done_seqretry_irqrestore read_seqcount_begin read_seqcount_retry"),
	...neutral("include/linux/seqlock.h", "__read_seqcount_begin raw_read_seqcount raw_seqcount_begin"),
	...neutral("include/linux/seqlock.h", "write_seqcount_begin write_seqcount_end write_seqcount_begin_nested"),
	...neutral("include/linux/seqlock.h", "raw_write_seqcount_begin raw_write_seqcount_end raw_write_seqcount_barrier"),
	...neutral("include/linux/seqlock.h", "write_seqcount_invalidate"),
	...neutral("include/linux/u64_stats_sync.h", "u64_stats_update_begin u64_stats_update_end"),
	...neutral("include/linux/u64_stats_sync.h", "u64_stats_update_begin_irqsave u64_stats_update_end_irqrestore"),
	...neutral("include/linux/u64_stats_sync.h", "u64_stats_fetch_begin u64_stats_fetch_retry"),
	...neutral("sound/core/pcm_native.c:snd_pcm_stream_lock", "snd_pcm_stream_lock snd_pcm_stream_unlock"),
	...neutral("sound/core/pcm_native.c:snd_pcm_stream_lock", "snd_pcm_stream_lock_irq snd_pcm_stream_unlock_irq"),
	...neutral("sound/core/pcm_native.c:snd_pcm_stream_lock", "snd_pcm_stream_lock_irqsave"),
	...neutral("sound/core/pcm_native.c:snd_pcm_stream_lock", "snd_pcm_stream_unlock_irqrestore"),
	...neutral("mm/mmu_notifier.c", "__mmu_notifier_invalidate_range_start __mmu_notifier_invalidate_range_end"),
	...neutral("include/linux/netdevice.h:HARD_TX_LOCK", "HARD_TX_LOCK HARD_TX_UNLOCK"),
	...neutral("include/linux/rhashtable.h:rht_lock", "rht_lock rht_lock_nested rht_unlock rht_assign_unlock"),
	...neutral("kernel/futex/futex.h", "double_lock_hb double_unlock_hb"),
	...neutral("kernel/trace/ring_buffer.c", "ring_buffer_lock_reserve ring_buffer_unlock_commit"),
	...neutral("kernel/trace/ring_buffer.c", "ring_buffer_discard_commit ring_buffer_nest_start ring_buffer_nest_end"),
	...neutral("kernel/trace/ring_buffer.c", "ring_buffer_write"),
	...neutral("kernel/trace/trace.c", "trace_buffer_lock_reserve trace_buffer_unlock_commit"),
	...neutral("kernel/trace/trace.c", "trace_event_buffer_lock_reserve trace_event_buffer_reserve"),
	...neutral("kernel/trace/trace.c", "trace_event_buffer_commit trace_vbprintk trace_array_printk"),
	...neutral("kernel/trace/trace.c", "trace_array_vprintk __trace_puts __trace_bputs"),
	...neutral("kernel/trace/trace_printk.c", "__trace_printk __trace_bprintk __ftrace_vprintk __ftrace_vbprintk"),
	...neutral("kernel/trace/blktrace.c", "__blk_trace_note_message"),
	...neutral("include/linux/delay.h", "udelay ndelay mdelay").map((row) => ({ ...row, busy: true })),
	...neutral("include/asm-generic/preempt.h", "preempt_count_add preempt_count_sub __preempt_count_add"),
	...neutral("include/asm-generic/preempt.h", "__preempt_count_sub preempt_count_set preempt_check_resched"),
];

const network: readonly NeutralRow[] = [
	...neutral("include/linux/skbuff.h", "kfree_skb kfree_skb_reason __kfree_skb consume_skb kfree_skb_list"),
	...neutral("include/linux/skbuff.h", "skb_orphan skb_queue_purge napi_consume_skb"),
	...neutral("include/linux/netdevice.h", "dev_kfree_skb_irq dev_kfree_skb_any dev_consume_skb_any"),
	...neutral("include/linux/netdevice.h", "dev_consume_skb_irq"),
	...neutral("net/core/dev.c", "netif_receive_skb netif_receive_skb_list netif_receive_skb_core netif_rx __netif_rx"),
	...neutral("net/core/dev.c", "dev_queue_xmit dev_direct_xmit __napi_schedule __napi_schedule_irqoff"),
	...neutral("net/core/dev.c", "napi_schedule_prep napi_complete_done"),
	...neutral("include/linux/netdevice.h", "napi_schedule napi_complete netif_wake_queue netif_stop_queue"),
	...neutral("include/linux/netdevice.h", "netif_start_queue netif_tx_wake_queue netif_wake_subqueue"),
	...neutral("include/linux/netdevice.h", "netif_tx_stop_all_queues netif_tx_wake_all_queues"),
	...neutral("include/net/sch_generic.h", "qdisc_reset_all_tx_gt qdisc_run_begin qdisc_run_end"),
	...neutral("net/sched/sch_generic.c", "netif_carrier_on netif_carrier_off"),
	...neutral("include/linux/netdevice.h:napi_gro_receive", "napi_gro_receive napi_gro_frags napi_gro_flush"),
	...neutral("net/core/filter.c", "xdp_do_redirect xdp_do_flush"),
];

const devices: readonly NeutralRow[] = [
	...neutral("drivers/gpio/gpiolib.c:gpiod_set_value", "gpiod_set_value gpiod_get_value gpiod_set_raw_value"),
	...neutral("drivers/gpio/gpiolib.c:gpiod_set_value", "gpiod_get_raw_value gpiod_set_array_value"),
	...neutral("drivers/gpio/gpiolib.c:gpiod_set_value", "gpiod_get_array_value gpio_set_value gpio_get_value"),
	...neutral("include/linux/clk.h:clk_enable", "clk_enable clk_disable clk_bulk_enable clk_bulk_disable"),
	...neutral("include/linux/regmap.h:regmap_config", "regmap_read regmap_write regmap_update_bits_base"),
	...neutral("include/linux/regmap.h:regmap_config", "regmap_update_bits regmap_set_bits regmap_clear_bits"),
	...neutral("include/linux/regmap.h:regmap_config", "regmap_test_bits regmap_bulk_read regmap_bulk_write"),
	...neutral("include/linux/regmap.h:regmap_config", "regmap_raw_read regmap_raw_write regmap_noinc_read"),
	...neutral("include/linux/regmap.h:regmap_config", "regmap_noinc_write regmap_field_read"),
	...neutral("include/linux/regmap.h:regmap_config", "regmap_field_update_bits_base regmap_multi_reg_write"),
	...neutral("include/linux/reset.h", "reset_control_assert reset_control_deassert reset_control_reset"),
	...neutral("include/linux/reset.h", "reset_control_status"),
	...neutral("Documentation/driver-api/dmaengine/client.rst", "dmaengine_prep_slave_single dmaengine_prep_slave_sg"),
	...neutral("Documentation/driver-api/dmaengine/client.rst", "dmaengine_prep_dma_cyclic"),
	...neutral("Documentation/driver-api/dmaengine/client.rst", "dmaengine_prep_interleaved_dma"),
	...neutral("Documentation/driver-api/dmaengine/client.rst", "dmaengine_prep_dma_memcpy dmaengine_submit"),
	...neutral("Documentation/driver-api/dmaengine/client.rst", "dma_async_issue_pending dmaengine_tx_status"),
	...neutral("Documentation/driver-api/dmaengine/client.rst", "dmaengine_terminate_async dmaengine_terminate_all"),
	...neutral("Documentation/driver-api/dmaengine/client.rst", "dmaengine_pause dmaengine_resume"),
	...neutral("Documentation/driver-api/dmaengine/client.rst", "dmaengine_slave_config"),
	...neutral("Documentation/driver-api/dmaengine/client.rst", "dmaengine_desc_get_callback_invoke"),
	...neutral("drivers/input/input.c:input_event", "input_event input_inject_event input_report_key input_report_rel"),
	...neutral("drivers/input/input.c:input_event", "input_report_abs input_sync"),
	...neutral("drivers/usb/core/hcd.c", "usb_hcd_giveback_urb usb_hcd_poll_rh_status usb_unlink_urb"),
	...neutral("drivers/usb/gadget/udc/core.c", "usb_gadget_giveback_request usb_ep_enable usb_ep_disable"),
	...neutral("drivers/usb/gadget/udc/core.c", "usb_ep_dequeue usb_ep_free_request usb_ep_set_halt usb_ep_clear_halt"),
	...neutral("drivers/usb/gadget/udc/core.c", "usb_ep_fifo_flush usb_ep_fifo_status"),
	...neutral("drivers/usb/core/driver.c", "usb_autopm_get_interface_async usb_autopm_put_interface_async"),
	...neutral("drivers/usb/core/driver.c", "usb_autopm_get_interface_no_resume usb_autopm_put_interface_no_suspend"),
	...neutral("include/linux/pm_runtime.h", "pm_runtime_get pm_runtime_put pm_runtime_put_autosuspend"),
	...neutral("include/linux/pm_runtime.h", "pm_runtime_get_noresume pm_runtime_put_noidle pm_request_resume"),
	...neutral("include/linux/pm_runtime.h", "pm_request_idle pm_request_autosuspend pm_runtime_mark_last_busy"),
	...neutral("include/linux/pm_runtime.h", "pm_runtime_get_if_in_use"),
	...neutral("drivers/base/power/wakeup.c", "pm_wakeup_event pm_wakeup_dev_event pm_wakeup_ws_event pm_stay_awake"),
	...neutral("drivers/base/power/wakeup.c", "pm_relax __pm_stay_awake __pm_relax"),
	...neutral("drivers/leds/led-core.c", "led_set_brightness led_set_brightness_nosleep"),
	...neutral("drivers/leds/led-triggers.c", "led_trigger_event led_trigger_blink led_trigger_blink_oneshot"),
	...neutral("drivers/tty/serial/serial_core.c", "uart_port_lock uart_port_unlock", until(6, 6)),
	...neutral("drivers/tty/serial/serial_core.c", "uart_port_ref_lock uart_port_unlock_deref", since(6, 7)),
	...neutral("drivers/tty/tty_io.c:tty_wakeup", "tty_wakeup tty_flip_buffer_push tty_hangup"),
	...neutral("sound/core/pcm_lib.c:snd_pcm_period_elapsed", "snd_pcm_period_elapsed"),
	...neutral("sound/core/pcm_lib.c:snd_pcm_period_elapsed", "snd_pcm_period_elapsed_under_stream_lock"),
	...neutral("sound/core/pcm_lib.c:snd_pcm_period_elapsed", "snd_pcm_stop_xrun"),
	...neutral("drivers/scsi/scsi_lib.c", "scsi_done scsi_schedule_eh"),
	...neutral("block/bio.c", "bio_endio bio_put bio_io_error"),
	...neutral("block/blk-mq.c", "blk_mq_complete_request blk_mq_end_request __blk_mq_end_request"),
	...neutral("block/blk-mq.c", "blk_mq_start_request blk_mq_requeue_request blk_mq_run_hw_queue"),
	...neutral("block/blk-mq.c", "blk_mq_run_hw_queues blk_mq_delay_run_hw_queue blk_mq_kick_requeue_list"),
	...neutral("block/blk-mq.c", "blk_mq_stop_hw_queue blk_mq_start_stopped_hw_queues blk_mq_free_request"),
	...neutral("Documentation/crypto/api-skcipher.rst", "crypto_skcipher_encrypt crypto_skcipher_decrypt"),
	...neutral("crypto/internal.h:crypto_yield", "crypto_yield"),
	...neutral("Documentation/crypto/api-skcipher.rst", "crypto_aead_encrypt crypto_aead_decrypt crypto_ahash_init"),
	...neutral("Documentation/crypto/api-skcipher.rst", "crypto_ahash_update crypto_ahash_final crypto_ahash_finup"),
	...neutral("Documentation/crypto/api-skcipher.rst", "crypto_ahash_digest crypto_shash_init crypto_shash_update"),
	...neutral("Documentation/crypto/api-skcipher.rst", "crypto_shash_final crypto_shash_finup crypto_shash_digest"),
	...neutral("Documentation/crypto/api-skcipher.rst", "crypto_shash_tfm_digest crypto_cipher_encrypt_one"),
	...neutral("Documentation/crypto/api-skcipher.rst", "crypto_cipher_decrypt_one"),
	...neutral("drivers/char/random.c", "get_random_bytes get_random_u8 get_random_u16 get_random_u32 get_random_u64"),
	...neutral("drivers/char/random.c", "add_interrupt_randomness add_device_randomness"),
	...neutral("kernel/power/suspend.c", "pm_system_wakeup"),
	...neutral("lib/idr.c", "ida_free"),
];

const WAIT = "include/linux/wait.h";
const waiting: readonly NeutralRow[] = [
	...tasks("parks", WAIT, "prepare_to_wait prepare_to_wait_exclusive prepare_to_wait_event"),
	...tasks("parks", "include/linux/sched.h:set_current_state", "set_current_state __set_current_state"),
	...tasks("runs", WAIT, "finish_wait"),
];

export const neutrals: readonly NeutralRow[] = [
	...messages,
	...memory,
	...paging,
	...deferral,
	...references,
	...locking,
	...network,
	...devices,
	...waiting,
];
