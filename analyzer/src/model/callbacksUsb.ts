// Callbacks of USB (host and gadget), HID, input, serio, terminals, serial ports and consoles.
import { arg, MAY, ops } from "./callbackRow.js";
import { since } from "./row.js";
import type { CallbackRow } from "./schema.js";

const HCD = "drivers/usb/core/hcd.c:__usb_hcd_giveback_urb";
const HC_DRIVER = "include/linux/usb/hcd.h:hc_driver";
const GADGET = "include/linux/usb/gadget.h";
const COMPOSITE = "drivers/usb/gadget/composite.c:composite_setup";
const SERIAL = "include/linux/usb/serial.h:usb_serial_driver";

const usb: readonly CallbackRow[] = [
	...ops("urb", "usb-complete", HCD, "complete"),
	arg("usb_fill_control_urb", 6, "usb-complete", HCD),
	arg("usb_fill_bulk_urb", 5, "usb-complete", HCD),
	arg("usb_fill_int_urb", 5, "usb-complete", HCD),
	...ops("hc_driver", "hardirq", "drivers/usb/core/hcd.c:usb_hcd_irq", "irq"),
	...ops("hc_driver", "atomic", HC_DRIVER, "urb_enqueue urb_dequeue map_urb_for_dma unmap_urb_for_dma"),
	...ops("hc_driver", "atomic", HC_DRIVER, "hub_status_data get_frame_number"),
	...ops("hc_driver", "process", HC_DRIVER, "reset start pci_suspend pci_resume stop shutdown endpoint_disable"),
	...ops("hc_driver", "process", HC_DRIVER, "hub_control bus_suspend bus_resume start_port_reset relinquish_port"),
	...ops("hc_driver", "process", HC_DRIVER, "port_handed_over alloc_dev free_dev alloc_streams free_streams"),
	...ops("hc_driver", "process", HC_DRIVER, "add_endpoint drop_endpoint check_bandwidth reset_bandwidth"),
	...ops("hc_driver", "process", HC_DRIVER, "address_device enable_device update_hub_device reset_device"),
	...ops("hc_driver", "process", HC_DRIVER, "update_device set_usb2_hw_lpm enable_usb3_lpm_timeout"),
	...ops("hc_driver", "process", HC_DRIVER, "disable_usb3_lpm_timeout port_power submit_single_step_set_feature"),
	...ops("usb_request", "gadget-complete", GADGET, "complete"),
	...ops("usb_gadget_driver", "process", GADGET, "bind unbind"),
	...ops("usb_gadget_driver", "atomic", GADGET, "setup disconnect suspend resume reset"),
	...ops("usb_gadget_ops", "process", GADGET, "udc_start udc_stop pullup udc_set_speed udc_async_callbacks match_ep"),
	...ops("usb_ep_ops", "atomic", "drivers/usb/gadget/udc/core.c:usb_ep_enable", "enable disable"),
	...ops("usb_ep_ops", "atomic", "drivers/usb/gadget/udc/core.c", "alloc_request free_request queue dequeue"),
	...ops("usb_ep_ops", "atomic", "drivers/usb/gadget/udc/core.c", "set_halt set_wedge fifo_status fifo_flush"),
	...ops("usb_function", "gadget-setup", COMPOSITE, "set_alt get_alt disable setup req_match suspend resume"),
	...ops("usb_function", "process", "drivers/usb/gadget/composite.c", "bind unbind free_func"),
	...ops("usb_configuration", "gadget-setup", COMPOSITE, "setup"),
	...ops("usb_composite_driver", "process", "drivers/usb/gadget/composite.c", "bind unbind"),
	...ops("usb_serial_driver", "process", SERIAL, "probe attach calc_num_ports disconnect release port_probe"),
	...ops("usb_serial_driver", "process", SERIAL, "port_remove suspend resume reset_resume open close ioctl"),
	...ops("usb_serial_driver", "process", SERIAL, "get_serial set_serial set_termios break_ctl wait_until_sent"),
	...ops("usb_serial_driver", "process", SERIAL, "tx_empty tiocmget tiocmset tiocmiwait get_icount dtr_rts"),
	...ops("usb_serial_driver", "process", SERIAL, "init_termios throttle unthrottle"),
	...ops("usb_serial_driver", "tty-write", "drivers/usb/serial/usb-serial.c:serial_write", "write write_room", MAY),
	...ops("usb_serial_driver", "tty-write", "drivers/usb/serial/usb-serial.c:serial_write", "chars_in_buffer", MAY),
	...ops("usb_serial_driver", "usb-complete", "drivers/usb/serial/generic.c", "read_int_callback write_int_callback"),
	...ops("usb_serial_driver", "usb-complete", "drivers/usb/serial/generic.c", "read_bulk_callback"),
	...ops("usb_serial_driver", "usb-complete", "drivers/usb/serial/generic.c", "write_bulk_callback process_read_urb"),
	...ops(
		"usb_serial_driver",
		"atomic",
		"drivers/usb/serial/generic.c:usb_serial_generic_write_start",
		"prepare_write_buffer",
	),
];

const INPUT = "drivers/input/input.c";
const input: readonly CallbackRow[] = [
	...ops("hid_driver", "usb-complete", "drivers/hid/hid-core.c:hid_input_report", "raw_event event report", MAY),
	...ops("hid_driver", "process", "drivers/hid/hid-core.c", "match probe remove report_fixup input_mapping"),
	...ops("hid_driver", "process", "drivers/hid/hid-core.c", "input_mapped input_configured feature_mapping suspend"),
	...ops("hid_driver", "process", "drivers/hid/hid-core.c", "resume reset_resume"),
	...ops("hid_ll_driver", "process", "include/linux/hid.h:hid_ll_driver", "start stop open close power parse wait"),
	...ops("hid_ll_driver", "process", "include/linux/hid.h:hid_ll_driver", "raw_request output_report idle"),
	...ops("input_dev", "event-lock", "drivers/input/input.c:input_handle_event", "event setkeycode getkeycode"),
	...ops("input_dev", "process", INPUT, "open close"),
	...ops("input_handler", "event-lock", "drivers/input/input.c:input_to_handler", "event events filter"),
	...ops("input_handler", "process", INPUT, "match connect disconnect start"),
	...ops("ff_device", "event-lock", "drivers/input/ff-core.c:input_ff_event", "playback set_gain set_autocenter"),
	...ops("ff_device", "process", "drivers/input/ff-core.c:input_ff_upload", "upload erase destroy"),
	arg("input_ff_create_memless", 2, "event-lock", "drivers/input/ff-memless.c:ml_play_effects"),
	arg("input_setup_polling", 1, "kworker", "drivers/input/input-poller.c:input_dev_poller_work"),
	...ops("serio_driver", "serio-lock", "drivers/input/serio/serio.c:serio_interrupt", "interrupt write_wakeup"),
	...ops("serio_driver", "process", "drivers/input/serio/serio.c", "connect reconnect fast_reconnect disconnect"),
	...ops("serio_driver", "process", "drivers/input/serio/serio.c", "cleanup"),
	...ops("serio", "atomic", "drivers/input/serio/libps2.c:ps2_do_sendbyte", "write", MAY),
	...ops("serio", "process", "drivers/input/serio/serio.c", "open close start stop"),
	...ops("gameport_driver", "process", "drivers/input/gameport/gameport.c", "connect reconnect disconnect"),
	...ops("rc_dev", "process", "drivers/media/rc/rc-main.c", "change_protocol open close s_tx_mask s_tx_carrier"),
	...ops("rc_dev", "process", "drivers/media/rc/rc-main.c", "s_tx_duty_cycle s_rx_carrier_range tx_ir"),
	...ops("rc_dev", "process", "drivers/media/rc/rc-main.c", "s_wideband_receiver s_carrier_report s_filter"),
	...ops("rc_dev", "process", "drivers/media/rc/rc-main.c", "s_wakeup_filter s_timeout"),
];

const TTY = "include/linux/tty_driver.h:tty_operations";
const LDISC = "include/linux/tty_ldisc.h:tty_ldisc_ops";
const DRIVER = "Documentation/driver-api/serial/driver.rst";
const terminals: readonly CallbackRow[] = [
	...ops("tty_operations", "tty-write", TTY, "write put_char flush_chars write_room chars_in_buffer", MAY),
	...ops("tty_operations", "process", TTY, "lookup install remove open close shutdown cleanup ioctl compat_ioctl"),
	...ops("tty_operations", "process", TTY, "set_termios throttle unthrottle hangup break_ctl flush_buffer set_ldisc"),
	...ops("tty_operations", "process", TTY, "wait_until_sent send_xchar tiocmget tiocmset resize get_icount"),
	...ops("tty_operations", "process", TTY, "get_serial set_serial show_fdinfo proc_show"),
	...ops("tty_operations", "flow-lock", "drivers/tty/tty_io.c:stop_tty", "stop start"),
	...ops("tty_operations", "irqs-off", TTY, "poll_get_char poll_put_char"),
	...ops("tty_ldisc_ops", "process", LDISC, "open close flush_buffer read write ioctl compat_ioctl set_termios poll"),
	...ops("tty_ldisc_ops", "process", LDISC, "hangup"),
	...ops("tty_ldisc_ops", "kworker", "drivers/tty/tty_buffer.c:flush_to_ldisc", "receive_buf receive_buf2"),
	...ops("tty_ldisc_ops", "kworker", "drivers/tty/tty_buffer.c:flush_to_ldisc", "lookahead_buf"),
	...ops("tty_ldisc_ops", "atomic", LDISC, "write_wakeup dcd_change"),
	...ops("tty_port_operations", "process", "include/linux/tty_port.h", "carrier_raised dtr_rts shutdown activate"),
	...ops("tty_port_operations", "process", "include/linux/tty_port.h", "destruct"),
	...ops("tty_port_client_operations", "kworker", "drivers/tty/tty_buffer.c:flush_to_ldisc", "receive_buf"),
	...ops("tty_port_client_operations", "atomic", "include/linux/tty_port.h", "write_wakeup"),
	...ops("serdev_device_ops", "kworker", "drivers/tty/serdev/serdev-ttyport.c", "receive_buf"),
	...ops("serdev_device_ops", "atomic", "include/linux/serdev.h", "write_wakeup"),
	...ops("uart_ops", "uart-lock", DRIVER, "set_mctrl get_mctrl stop_tx start_tx stop_rx enable_ms flush_buffer"),
	...ops("uart_ops", "uart-lock", DRIVER, "start_rx"),
	...ops("uart_ops", "process", DRIVER, "send_xchar tx_empty break_ctl startup shutdown set_termios set_ldisc pm type"),
	...ops("uart_ops", "process", DRIVER, "release_port request_port config_port verify_port ioctl throttle"),
	...ops("uart_ops", "process", DRIVER, "unthrottle poll_init"),
	...ops("uart_ops", "irqs-off", "drivers/tty/serial/serial_core.c:uart_poll_get_char", "poll_put_char"),
	...ops("uart_ops", "irqs-off", "drivers/tty/serial/serial_core.c:uart_poll_get_char", "poll_get_char"),
	...ops("hv_ops", "atomic", "drivers/tty/hvc/hvc_console.h", "get_chars put_chars"),
	...ops("console", "console-write", "kernel/printk/printk.c:console_emit_next_record", "write"),
	...ops("console", "console-write", "kernel/printk/nbcon.c", "write_atomic", since(6, 10)),
	...ops("console", "process", "kernel/printk/nbcon.c", "write_thread", since(6, 10)),
	...ops("console", "process", "kernel/printk/printk.c", "setup exit match device"),
];

export const usbCallbacks: readonly CallbackRow[] = [...usb, ...input, ...terminals];
