"""Fair share: scarce stock goes to all who wait for it, in proportion to what they lack."""
