"""Video4Linux2 by ioctl: what sources and sinks share of it. Linux only, no native code of ours."""
