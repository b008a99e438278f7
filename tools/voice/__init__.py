"""A simulator of a voice notification carrier (语音通知模拟器): answers as a scenario says, calls nobody."""
