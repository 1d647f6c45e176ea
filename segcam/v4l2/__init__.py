"""Video4Linux2 by ioctl, shared by sources and sinks. Linux only, without native code."""
