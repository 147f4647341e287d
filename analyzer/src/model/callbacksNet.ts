// Callbacks of the network stack. Contexts per Documentation/networking/netdevices.rst and the callers.
import { arg, MAY, ops } from "./callbackRow.js";
import type { CallbackRow } from "./schema.js";

const NETDEVICES = "Documentation/networking/netdevices.rst";

export const netCallbacks: readonly CallbackRow[] = [
	...ops(
		"net_device_ops",
		"rtnl",
		NETDEVICES,
		"ndo_init ndo_uninit ndo_open ndo_stop ndo_set_mac_address ndo_change_mtu ndo_do_ioctl ndo_eth_ioctl ndo_siocbond ndo_siocdevprivate ndo_set_features ndo_bpf",
	),
	...ops("net_device_ops", "ndo-xmit", NETDEVICES, "ndo_start_xmit"),
	...ops("net_device_ops", "ndo-tx-timeout", NETDEVICES, "ndo_tx_timeout"),
	...ops("net_device_ops", "ndo-rx-mode", NETDEVICES, "ndo_set_rx_mode"),
	...ops("net_device_ops", "rcu-reader", NETDEVICES, "ndo_get_stats64 ndo_get_stats", MAY),
	arg("netif_napi_add", 2, "napi", "net/core/dev.c:__napi_poll"),
	arg("netif_napi_add_weight", 2, "napi", "net/core/dev.c:__napi_poll"),
	arg("netif_napi_add_tx", 2, "napi", "net/core/dev.c:__napi_poll"),
	arg("netif_tx_napi_add", 2, "napi", "net/core/dev.c:__napi_poll"),
];
