// Callbacks of the driver model and of the buses and device classes without a file of their own.
import { ops } from "./callbackRow.js";
import type { CallbackRow } from "./schema.js";

const DRIVER = "drivers/base/dd.c:really_probe";

export const driverCallbacks: readonly CallbackRow[] = [
	...ops("platform_driver", "process", DRIVER, "probe remove shutdown suspend resume"),
	...ops("pci_driver", "process", DRIVER, "probe remove shutdown suspend resume"),
	...ops("usb_driver", "process", DRIVER, "probe disconnect suspend resume reset_resume pre_reset post_reset"),
	...ops("i2c_driver", "process", DRIVER, "probe probe_new remove shutdown"),
	...ops("spi_driver", "process", DRIVER, "probe remove shutdown"),
	...ops("urb", "softirq", "drivers/usb/core/hcd.c:__usb_hcd_giveback_urb", "complete"),
];
